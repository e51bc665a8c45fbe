import type { Block } from "./block.js";
import type { Line, Work } from "./isa.js";
import { bitCount, type Signs, type Step, usersOf } from "./steps.js";

/** ARMv6-M: high registers can only be added. ARMv7-M and ARMv8-M Mainline: any instruction on any. */
export type ThumbLevel = "v6-M" | "v7-M";

/** r0 points at inputs, r1 and r2 hold two of them. ARMv6-M keeps r3 for negated ones. */
const SUMS: Readonly<Record<ThumbLevel, readonly string[]>> = {
  "v6-M": ["r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr"],
  "v7-M": ["r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr"],
};

/** Of these, how many are r0 to r7. */
const LOW_SUMS: Readonly<Record<ThumbLevel, number>> = { "v6-M": 4, "v7-M": 5 };

export function thumbSums(level: ThumbLevel): number {
  return SUMS[level].length;
}

/** Words from its base that a 16-bit load reaches. */
export const THUMB_REACH = 32;

/** A pointer is moved once a window and back for the next position, by constants of 16 bits. */
export const THUMB_ROW_BYTES = 0xfffc;

/** Kernel rows whose pointers a 16-bit load reaches. */
export const THUMB_ROWS = 32;

function isHigh(level: ThumbLevel, index: number): boolean {
  return index >= LOW_SUMS[level];
}

function highMask(level: ThumbLevel): number {
  return -1 << LOW_SUMS[level];
}

/**
 * The body of `void f(const uint32_t *const *rows, uint32_t *sums, int32_t positions)`: for each
 * position the block's sums, one after another.
 */
export function thumbLines(block: Block, level: ThumbLevel): Line[] {
  const slots = block.rows.length;
  const sp = (slot: number): string => `[sp, #${4 * slot}]`;
  const fresh = { mask: 2 ** block.count - 1 };
  return [
    ...prologue(block, level),
    line("1:"),
    ...block.rows.flatMap(({ row, windows }, slot) => {
      let base = 0;
      const steps = windows.flatMap((window) => {
        const delta = window.base - base;
        base = window.base;
        return [
          ...moveLines(4 * delta, level),
          ...window.steps.map((step) => stepLine(step, base, row, fresh, level)),
        ];
      });
      return [
        line(`ldr r0, ${sp(slot)}`),
        ...steps,
        ...moveLines(4 * (block.stride - base), level),
        line(`str r0, ${sp(slot)}`),
      ];
    }),
    ...idleLines(block, level),
    line(`ldr r0, ${sp(slots)}`),
    ...storeLines(block, level),
    line(`str r0, ${sp(slots)}`),
    line(`ldr r0, ${sp(slots + 1)}`),
    line("subs r0, r0, #1"),
    line(`str r0, ${sp(slots + 1)}`),
    ...(level === "v6-M" ? [line("beq 2f"), line("bl 1b"), line("2:")] : [line("bne.w 1b")]),
    line(`add sp, #${4 * (slots + 2)}`),
    ...epilogue(level),
  ];
}

/** Bytes of these instructions, exactly. */
export function thumbBytes(block: Block, level: ThumbLevel): number {
  const slots = block.rows.length;
  const ends = level === "v6-M" ? 2 * 6 + 2 + 2 * 6 : 4 + 2 + 4;
  const high = bitCount(block.idle & highMask(level));
  let bytes = ends + 2 + 4 * slots;
  for (const { windows } of block.rows) {
    let base = 0;
    for (const window of windows) {
      bytes += moveBytes(4 * (window.base - base), level);
      base = window.base;
      for (const step of window.steps) bytes += stepBytes(step, level);
    }
    bytes += 4 + moveBytes(4 * (block.stride - base), level);
  }
  bytes += 2 * bitCount(block.idle) + 2 * high;
  bytes += 2 + storeBytes(block, level) + 8;
  return bytes + (level === "v6-M" ? 6 : 4);
}

/**
 * Instructions and cycles of one position. A load takes two cycles; on ARMv7-M one less behind another
 * load.
 */
export function thumbWork(block: Block, level: ThumbLevel): Work {
  const v6 = level === "v6-M";
  let [loads, others] = [0, 0];
  let moves = 0;
  for (const { windows } of block.rows) {
    moves += windows.length;
    for (const { next, x, y, sum, difference } of windows.flatMap(({ steps }) => steps)) {
      loads += v6 && next !== null ? 2 : 1;
      others += v6 || next === null ? 0 : 1;
      for (const signs of [x, y, sum, difference]) {
        others += bitCount(usersOf(signs)) + (needsNegated(signs, level) ? 1 : 0);
      }
      others += (usersOf(sum) === 0 ? 0 : 1) + (usersOf(difference) === 0 ? 0 : 1);
    }
  }
  const around = 10 + 3 * block.rows.length + moves + bitCount(block.idle);
  const stores = block.count + (v6 ? Math.max(0, block.count - LOW_SUMS[level]) : 0);
  return {
    instructions: loads + others + around + (v6 ? stores - block.count : 0),
    cycles: 2 * loads + others + around + 2 * block.rows.length + 6 + stores,
  };
}

function line(text: string, inputs: Line["inputs"] = null): Line {
  return { text, inputs };
}

function prologue({ rows }: Block, level: ThumbLevel): Line[] {
  return [
    ...(level === "v6-M"
      ? [
          line("push {r4-r7, lr}"),
          line("mov r4, r8"),
          line("mov r5, r9"),
          line("mov r6, r10"),
          line("mov r7, r11"),
          line("push {r4-r7}"),
        ]
      : [line("push.w {r4-r11, lr}")]),
    line("push {r1, r2}"),
    ...rows.toReversed().map(({ row }) => line(`ldr r3, [r0, #${4 * row}]; push {r3}`)),
  ];
}

function epilogue(level: ThumbLevel): Line[] {
  return level === "v6-M"
    ? [
        line("pop {r4-r7}"),
        line("mov r8, r4"),
        line("mov r9, r5"),
        line("mov r10, r6"),
        line("mov r11, r7"),
        line("pop {r4-r7, pc}"),
      ]
    : [line("pop.w {r4-r11, pc}")];
}

/** r0 += bytes. */
function moveLines(bytes: number, level: ThumbLevel): Line[] {
  const [size, verb] = bytes < 0 ? [-bytes, "sub"] : [bytes, "add"];
  if (size === 0) return [];
  if (size <= 255) return [line(`${verb}s r0, #${size}`)];
  if (level === "v7-M") {
    if (size <= 4095) return [line(`${verb}w r0, r0, #${size}`)];
    return [line(`movw r1, #${size}; ${verb}s r0, r0, r1`)];
  }
  const words = size / 4;
  return [
    line(`movs r1, #${words >> 8}; lsls r1, r1, #8; adds r1, #${words & 255}; lsls r1, r1, #2`),
    line(`${verb}s r0, r0, r1`),
  ];
}

function moveBytes(bytes: number, level: ThumbLevel): number {
  const size = Math.abs(bytes);
  if (size === 0) return 0;
  if (size <= 255) return 2;
  if (level === "v7-M") return size <= 4095 ? 4 : 6;
  return 10;
}

/** Sums that nothing was added to yet: the first value is moved there. */
interface Fresh {
  mask: number;
}

function stepLine(step: Step, base: number, row: number, fresh: Fresh, level: ThumbLevel): Line {
  const load = (register: string, at: number) => `ldr ${register}, [r0, #${4 * (at - base)}]`;
  const use = (register: string, signs: Signs, negated: string) =>
    useTexts(register, signs, negated, fresh, level);
  const { sum, difference } = step;
  const [sums, differences] = [usersOf(sum) !== 0, usersOf(difference) !== 0];
  const texts =
    step.next === null
      ? [load("r1", step.at), ...use("r1", step.x, "r3")]
      : [
          load("r1", step.at),
          load("r2", step.next),
          ...use("r1", step.x, "r3"),
          ...use("r2", step.y, "r3"),
          ...(level === "v6-M"
            ? [
                ...(sums ? ["adds r3, r1, r2"] : []),
                ...(differences ? ["subs r1, r1, r2"] : []),
                ...use("r3", sum, "r2"),
                ...use("r1", difference, "r2"),
              ]
            : [
                ...(sums ? ["adds r1, r1, r2", ...use("r1", sum, "r3")] : []),
                ...(differences
                  ? [
                      sums ? "sub.w r1, r1, r2, lsl #1" : "subs r1, r1, r2",
                      ...use("r1", difference, "r3"),
                    ]
                  : []),
              ]),
        ];
  const words = step.next === null ? [step.at] : [step.at, step.next];
  return line(texts.join("; "), { row, words });
}

/** Adds a register to sums and subtracts it from others; ARMv6-M may need its negative. */
function useTexts(
  register: string,
  { plus, minus }: Signs,
  negated: string,
  fresh: Fresh,
  level: ThumbLevel,
): string[] {
  const texts: string[] = [];
  if (needsNegated({ plus, minus }, level)) texts.push(`rsbs ${negated}, ${register}, #0`);
  for (const [i, sum] of SUMS[level].entries()) {
    const bit = 1 << i;
    if (((plus | minus) & bit) === 0) continue;
    const first = (fresh.mask & bit) !== 0;
    fresh.mask &= ~bit;
    const high = isHigh(level, i);
    if ((plus & bit) !== 0) texts.push(addText(sum, register, first, high));
    else if (!high)
      texts.push(first ? `rsbs ${sum}, ${register}, #0` : `subs ${sum}, ${sum}, ${register}`);
    else if (level === "v6-M") texts.push(addText(sum, negated, first, high));
    else texts.push(first ? `rsb.w ${sum}, ${register}, #0` : `sub.w ${sum}, ${sum}, ${register}`);
  }
  return texts;
}

function addText(sum: string, register: string, first: boolean, high: boolean): string {
  if (first) return `mov ${sum}, ${register}`;
  return high ? `add ${sum}, ${register}` : `adds ${sum}, ${sum}, ${register}`;
}

function needsNegated({ minus }: Signs, level: ThumbLevel): boolean {
  return level === "v6-M" && (minus & highMask(level)) !== 0;
}

function stepBytes({ next, x, y, sum, difference }: Step, level: ThumbLevel): number {
  const makes = (usersOf(sum) === 0 ? 0 : 2) + (usersOf(difference) === 0 ? 0 : 2);
  const both = level === "v7-M" && makes === 4 ? 2 : 0;
  const loads = next === null ? 2 : 4;
  const uses = useBytes(x, level) + useBytes(y, level) + useBytes(sum, level);
  return loads + makes + both + uses + useBytes(difference, level);
}

function useBytes(signs: Signs, level: ThumbLevel): number {
  const wide = level === "v7-M" ? bitCount(signs.minus & highMask(level)) : 0;
  return 2 * (bitCount(usersOf(signs)) + wide + (needsNegated(signs, level) ? 1 : 0));
}

function idleLines({ idle }: Block, level: ThumbLevel): Line[] {
  return SUMS[level].flatMap((sum, i) => {
    if (((idle >> i) & 1) === 0) return [];
    if (!isHigh(level, i)) return [line(`movs ${sum}, #0`)];
    return [line(level === "v6-M" ? `movs r3, #0; mov ${sum}, r3` : `mov.w ${sum}, #0`)];
  });
}

function storeLines({ count }: Block, level: ThumbLevel): Line[] {
  const sums = SUMS[level].slice(0, count);
  if (level === "v7-M") {
    if (sums.length === 1) return [line(`str ${sums[0]}, [r0], #4`)];
    return [line(`stmia.w r0!, {${sums.join(", ")}}`)];
  }
  const low = LOW_SUMS[level];
  const lines: Line[] = [];
  for (let from = 0; from < count; from += low) {
    const part = sums.slice(from, from + low);
    const names = part.map((sum, i) => (from === 0 ? sum : `r${4 + i}`));
    if (from > 0) lines.push(line(part.map((sum, i) => `mov ${names[i]}, ${sum}`).join("; ")));
    lines.push(line(`stmia r0!, {${names.join(", ")}}`));
  }
  return lines;
}

function storeBytes({ count }: Block, level: ThumbLevel): number {
  if (level === "v7-M") return 4;
  const low = LOW_SUMS[level];
  return 2 * Math.ceil(count / low) + 2 * Math.max(0, count - low);
}
