/**
 * Registers as bits of one number: 0 to 15 the core's, 16 to 23 Q0 to Q7 with the S and D registers
 * inside them, then what instructions read and write unsaid. firmware/bench/model.h reads the same bits.
 */
export type Registers = bigint;

export const NONE: Registers = 0n;
export const SP: Registers = 1n << 13n;
export const LR: Registers = 1n << 14n;
export const PC: Registers = 1n << 15n;
/** N, Z, C, V and Q. */
export const FLAGS: Registers = 1n << 40n;
/** The vector predicate. */
export const VPR: Registers = 1n << 41n;
/** The greater-or-equal flags of the DSP instructions. */
export const GE: Registers = 1n << 42n;

const CORE = 0xffffn;

const ALIASES: Readonly<Record<string, number>> = {
  sb: 9,
  sl: 10,
  fp: 11,
  ip: 12,
  sp: 13,
  lr: 14,
  pc: 15,
};

/** How many of each kind are in a Q register. */
const IN_A_Q: Readonly<Record<string, number>> = { q: 1, d: 2, s: 4 };

/** The core registers among them. */
export function coreOnly(registers: Registers): Registers {
  return registers & CORE;
}

/** The registers that a piece of an operand list names; `{r4-r7}` is all four. */
export function registersIn(text: string): Registers {
  return union(namesIn(text).map(registerOf));
}

/** How many 32-bit registers a braced list such as `{r4, r6-r8}` or `{d8-d9}` has; at least 1. */
export function listLength(text: string): number {
  const list = /\{([^}]*)\}/.exec(text)?.[1] ?? "";
  const words = namesIn(list).map((name): number => (name.startsWith("d") ? 2 : 1));
  return Math.max(
    1,
    words.reduce((sum, n) => sum + n, 0),
  );
}

/** Names of registers, ranges written out. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/\b([a-z]+\d*)\b(?:-([a-z]+\d*)\b)?/g)].flatMap(
    ([, first = "", last]) => (last === undefined ? [first] : between(first, last)),
  );
}

function between(first: string, last: string): string[] {
  const [from, to] = [coreNumber(first), coreNumber(last)];
  if (from !== null && to !== null) return span(from, to).map((n) => `r${n}`);
  const letter = first.slice(0, 1);
  return span(Number(first.slice(1)), Number(last.slice(1))).map((n) => `${letter}${n}`);
}

function span(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

function coreNumber(name: string): number | null {
  const alias = ALIASES[name];
  if (alias !== undefined) return alias;
  const number = /^r(\d+)$/.exec(name)?.[1];
  return number === undefined ? null : Number(number);
}

function registerOf(name: string): Registers {
  const core = coreNumber(name);
  if (core !== null) return core < 16 ? 1n << BigInt(core) : NONE;
  const [, letter = "", number = ""] = /^([qsd])(\d+)$/.exec(name) ?? [];
  const inQ = IN_A_Q[letter];
  return inQ === undefined ? NONE : 1n << BigInt(16 + Math.floor(Number(number) / inQ));
}

export function union(all: readonly Registers[]): Registers {
  return all.reduce((sum, one) => sum | one, NONE);
}
