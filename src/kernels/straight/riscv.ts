import type { Block } from "./block.js";
import type { Line, Work } from "./isa.js";
import { bitCount, type Signs, type Step, usersOf } from "./steps.js";

/**
 * RV32 with compressed instructions. a0 points at inputs, a1 and a2 hold two of them, a3 their
 * difference. The first sums stand where subtraction has a compressed form; RV32E ends after `ra`.
 */
const SUMS = {
  rv32i: [
    "a4",
    "a5",
    "s0",
    "s1",
    "t0",
    "t1",
    "t2",
    "ra",
    "a6",
    "a7",
    "t3",
    "t4",
    "t5",
    "t6",
  ].concat(["s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"]),
  rv32e: ["a4", "a5", "s0", "s1", "t0", "t1", "t2", "ra"],
} as const;

export type RiscvLevel = keyof typeof SUMS;

/** How many of them are x8 to x15. */
const COMPRESSED = 4;

const COMPRESSED_MASK = 2 ** COMPRESSED - 1;

export function riscvSums(level: RiscvLevel): number {
  return SUMS[level].length;
}

/** Words from its base that a compressed load reaches. */
export const RISCV_REACH = 32;

/** What `lui` in its compressed form and a compressed addition move a pointer by. */
export const RISCV_ROW_BYTES = 0x1effc;

/** Slots on the stack that compressed instructions reach: pointers, arguments, saved registers. */
export const RISCV_ROWS = 40;

function savedOf({ count }: Block, level: RiscvLevel): string[] {
  return SUMS[level].slice(0, count).filter((name) => name === "ra" || name.startsWith("s"));
}

/** A multiple of 16, as the ABI has it. */
function frameBytes(block: Block, level: RiscvLevel): number {
  const words = block.rows.length + 2 + savedOf(block, level).length;
  return Math.ceil(words / 4) * 16;
}

/** As `thumbLines`. */
export function riscvLines(block: Block, level: RiscvLevel): Line[] {
  const slots = block.rows.length;
  const frame = frameBytes(block, level);
  const saved = savedOf(block, level);
  const sp = (slot: number): string => `${4 * slot}(sp)`;
  const each = (verb: string): Line[] =>
    saved.map((name, i) => line(`${verb} ${name}, ${sp(slots + 2 + i)}`));
  const fresh = { mask: 2 ** block.count - 1 };
  return [
    line(`addi sp, sp, -${frame}`),
    ...each("sw"),
    line(`sw a1, ${sp(slots)}; sw a2, ${sp(slots + 1)}`),
    ...block.rows.map(({ row }, slot) => line(`lw a1, ${4 * row}(a0); sw a1, ${sp(slot)}`)),
    line("1:"),
    ...block.rows.flatMap(({ row, windows }, slot) => {
      let base = 0;
      const steps = windows.flatMap((window) => {
        const moved = moveLines(4 * (window.base - base));
        base = window.base;
        return [...moved, ...window.steps.map((step) => stepLine(step, base, row, fresh, level))];
      });
      return [
        line(`lw a0, ${sp(slot)}`),
        ...steps,
        ...moveLines(4 * (block.stride - base)),
        line(`sw a0, ${sp(slot)}`),
      ];
    }),
    ...SUMS[level].flatMap((sum, i) =>
      ((block.idle >> i) & 1) === 0 ? [] : [line(`li ${sum}, 0`)],
    ),
    line(`lw a0, ${sp(slots)}`),
    ...SUMS[level].slice(0, block.count).map((sum, i) => line(`sw ${sum}, ${4 * i}(a0)`)),
    line(`addi a0, a0, ${4 * block.count}`),
    line(`sw a0, ${sp(slots)}`),
    line(`lw a0, ${sp(slots + 1)}`),
    line("addi a0, a0, -1"),
    line(`sw a0, ${sp(slots + 1)}`),
    line(".option push; .option norvc; beqz a0, 2f; j 1b; .option pop"),
    line("2:"),
    ...each("lw"),
    line(`addi sp, sp, ${frame}`),
    line("ret"),
  ];
}

/** Bytes of these instructions, exactly. */
export function riscvBytes(block: Block, level: RiscvLevel): number {
  const saved = savedOf(block, level).length;
  const fresh = { mask: 2 ** block.count - 1 };
  let bytes = 2 * 2 + 2 * 2 * saved + 4 + 2;
  for (const { row, windows } of block.rows) {
    bytes += (row < RISCV_REACH ? 2 : 4) + 2 + 4;
    let base = 0;
    for (const window of windows) {
      bytes += moveBytes(4 * (window.base - base));
      base = window.base;
      for (const step of window.steps) bytes += stepBytes(step, fresh);
    }
    bytes += moveBytes(4 * (block.stride - base));
  }
  const near = Math.min(block.count, COMPRESSED);
  const stores = 2 * near + 4 * (block.count - near);
  return bytes + 2 * bitCount(block.idle) + 10 + stores + smallBytes(4 * block.count) + 8;
}

/** Every instruction takes a cycle, and a load one more. */
export function riscvWork(block: Block): Work {
  let [loads, others] = [0, 0];
  for (const { windows } of block.rows) {
    others += windows.length;
    for (const { next, x, y, sum, difference } of windows.flatMap(({ steps }) => steps)) {
      loads += next === null ? 1 : 2;
      for (const signs of [x, y, sum, difference]) others += bitCount(usersOf(signs));
      others += (usersOf(sum) === 0 ? 0 : 1) + (usersOf(difference) === 0 ? 0 : 1);
    }
  }
  const around = 9 + 4 * block.rows.length + block.count + bitCount(block.idle);
  return { instructions: loads + others + around, cycles: 2 * loads + others + around + 4 };
}

function line(text: string, inputs: Line["inputs"] = null): Line {
  return { text, inputs };
}

/** `addi` with a small constant is compressed. */
function smallBytes(constant: number): number {
  return constant >= -32 && constant <= 31 ? 2 : 4;
}

/** The constants of `lui` and `addi` that make a number. */
function halves(size: number): readonly [number, number] {
  const low = ((size + 0x800) & 0xfff) - 0x800;
  return [(size - low) >> 12, low];
}

/** a0 += bytes. */
function moveLines(bytes: number): Line[] {
  if (bytes === 0) return [];
  if (bytes >= -2048 && bytes <= 2047) return [line(`addi a0, a0, ${bytes}`)];
  const [high, low] = halves(Math.abs(bytes));
  return [
    line(
      [
        `lui a1, ${high}`,
        ...(low === 0 ? [] : [`addi a1, a1, ${low}`]),
        bytes < 0 ? "sub a0, a0, a1" : "add a0, a0, a1",
      ].join("; "),
    ),
  ];
}

function moveBytes(bytes: number): number {
  if (bytes === 0) return 0;
  if (bytes >= -2048 && bytes <= 2047) return smallBytes(bytes);
  const [, low] = halves(Math.abs(bytes));
  return 2 + (low === 0 ? 0 : smallBytes(low)) + 2;
}

/** Sums that nothing was added to yet: the first value is moved there. */
interface Fresh {
  mask: number;
}

function stepLine(step: Step, base: number, row: number, fresh: Fresh, level: RiscvLevel): Line {
  const load = (register: string, at: number) => `lw ${register}, ${4 * (at - base)}(a0)`;
  const use = (register: string, signs: Signs) => useTexts(register, signs, fresh, level);
  const { next, sum, difference } = step;
  if (next === null) {
    return line([load("a1", step.at), ...use("a1", step.x)].join("; "), { row, words: [step.at] });
  }
  const [sums, differences] = [usersOf(sum) !== 0, usersOf(difference) !== 0];
  const texts = [
    load("a1", step.at),
    load("a2", next),
    ...use("a1", step.x),
    ...use("a2", step.y),
    ...(sums && differences ? ["sub a3, a1, a2"] : []),
    ...(sums ? ["add a1, a1, a2"] : differences ? ["sub a1, a1, a2"] : []),
    ...use("a1", sum),
    ...use(sums ? "a3" : "a1", difference),
  ];
  return line(texts.join("; "), { row, words: [step.at, next] });
}

function useTexts(
  register: string,
  { plus, minus }: Signs,
  fresh: Fresh,
  level: RiscvLevel,
): string[] {
  return SUMS[level].flatMap((sum, i) => {
    const bit = 1 << i;
    if (((plus | minus) & bit) === 0) return [];
    const first = (fresh.mask & bit) !== 0;
    fresh.mask &= ~bit;
    if (first) return [(plus & bit) !== 0 ? `mv ${sum}, ${register}` : `neg ${sum}, ${register}`];
    return [`${(plus & bit) !== 0 ? "add" : "sub"} ${sum}, ${sum}, ${register}`];
  });
}

function stepBytes({ next, x, y, sum, difference }: Step, fresh: Fresh): number {
  const both = usersOf(sum) !== 0 && usersOf(difference) !== 0;
  const makes = both ? 6 : usersOf(sum) !== 0 || usersOf(difference) !== 0 ? 2 : 0;
  let bytes = (next === null ? 2 : 4) + makes;
  for (const signs of [x, y, sum, difference]) bytes += useBytes(signs, fresh);
  return bytes;
}

/** A subtraction is compressed for the first sums; a negation never is. */
function useBytes({ plus, minus }: Signs, fresh: Fresh): number {
  const wide = minus & (fresh.mask | ~COMPRESSED_MASK);
  fresh.mask &= ~(plus | minus);
  return 2 * (bitCount(plus | minus) + bitCount(wide));
}
