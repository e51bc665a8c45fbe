import { hull } from "../../src/network/lower/ranges.js";
import type { FixedPoint, Range, Requantization } from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";
import { STORAGE } from "./prove.js";

/** `operands[i]` are the ranges of operand i, one for all channels or one for each. */
export type Operands = readonly (readonly Range[])[];

/** A requantisation of any form; not every one of them keeps the limits. */
export function drawRule(random: Random, operands: Operands, channels: number): Requantization {
  const [ranges = []] = operands;
  const range = hull(ranges);
  if (operands.length > 1) return drawFixedPoint(random, operands, channels);
  switch (random.pick(["none", "thresholds", "table", "fixed", "fixed", "fixed"] as const)) {
    case "none":
      return { kind: "none" };
    case "thresholds":
      return drawThresholds(random, range, channels);
    case "table":
      return range.high - range.low < 1024
        ? drawTable(random, range, channels)
        : drawFixedPoint(random, operands, channels);
    case "fixed":
      return drawFixedPoint(random, operands, channels);
  }
}

/** Codes of 1 to 8 bits, signs and the like: the first and the step from one to the next. */
function drawCodes(random: Random): { base: number; step: number } {
  return random.pick([
    { base: 0, step: 1 },
    { base: -1, step: 2 },
    { base: random.integer(-128, 127), step: 1 },
    { base: random.integer(-1000, 1000), step: random.integer(-3, 300) },
  ]);
}

function drawThresholds(random: Random, range: Range, channels: number): Requantization {
  const count = random.pick([0, 1, 1, 2, 3, 7, 15, random.integer(4, 60)]);
  const lists = chance(random, 0.6) ? channels : 1;
  const near = (): number =>
    random.pick([
      range.low - 1,
      range.low,
      range.low + 1,
      range.high,
      range.high + 1,
      random.integer(range.low, range.high),
      random.integer(range.low, range.high),
      random.integer(range.low, range.high),
    ]);
  const thresholds = Array.from({ length: lists }, () =>
    Array.from({ length: count }, near).sort((a, b) => a - b),
  ).flat();
  return {
    kind: "thresholds",
    count,
    thresholds: Int32Array.from(thresholds),
    ...drawCodes(random),
    exactness: { kind: "exact" },
  };
}

function drawTable(random: Random, range: Range, channels: number): Requantization {
  const low = range.low - random.integer(0, 2);
  const size = range.high - low + random.integer(1, 3);
  const lists = chance(random, 0.5) ? channels : 1;
  const codes = STORAGE[random.pick(["int8", "uint8", "int16"] as const)];
  const values = Int32Array.from({ length: size * lists }, () =>
    random.pick([codes.low, codes.high, random.integer(codes.low, codes.high)]),
  );
  return { kind: "table", low, size, values, exactness: { kind: "exact" } };
}

/** Where the sums of a channel end: where 32 bits stop being enough, and 64. */
const BRINKS = [2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 52 - 1];

function drawFixedPoint(random: Random, operands: Operands, channels: number): FixedPoint {
  const shift = random.pick([
    ...[0, 1, 8, 30, 31, 32, 44],
    ...[random.integer(0, 44), random.integer(2, 20), random.integer(2, 20)],
  ]);
  const unit = 2 ** shift;
  const levels = random.pick([1, 3, 15, 255, 255, 4000, 2 ** 20]);
  const list = (probability: number, make: (channel: number) => number): Float64Array =>
    Float64Array.from(
      { length: chance(random, probability) ? channels : 1 },
      (_, c) => make(c) + 0,
    );
  const multipliers = operands.map((ranges) => {
    const span = widest(hull(ranges));
    const dyadic = 2 ** Math.round(Math.log2((levels / span) * unit));
    return list(0.6, () =>
      random.pick([0, -1, 1, 1, 1]) === 0
        ? 0
        : Math.round(
            (chance(random, 0.3) ? -1 : 1) *
              (chance(random, 0.4) ? dyadic : (levels / span) * unit * (0.3 + random.next())),
          ),
    );
  });
  const furthest = (channel: number): number =>
    multipliers.reduce((sum, m, i) => {
      const ranges = operands[i] ?? [];
      const range = ranges[ranges.length === 1 ? 0 : channel] ?? { low: 0, high: 0 };
      const factor = (m.length === 1 ? m[0] : m[channel]) ?? 0;
      return sum + Math.max(range.low * factor, range.high * factor);
    }, 0);
  const brink = chance(random, 0.15) ? random.pick(BRINKS) : null;
  const offsets = list(0.6, (channel) =>
    brink === null
      ? random.pick([
          0,
          Math.floor(unit / 2),
          Math.floor((random.next() - 0.5) * levels * unit),
          Math.floor((random.next() - 0.5) * unit),
        ])
      : brink - furthest(channel),
  );
  const codes = STORAGE[random.pick(["int8", "uint8", "int16"] as const)];
  const [least, most] = random.pick([
    [codes.low, codes.high],
    [codes.low, codes.high],
    [0, random.integer(0, 255)],
    [-(2 ** 30), 2 ** 30 - 1],
    [STORAGE.int32.low, STORAGE.int32.high],
  ]);
  const low = list(0.3, () => least);
  const high = list(0.3, () => random.pick([most, most, random.integer(least, most)]));
  const tieBand = random.pick([0, 0, 0, 1, unit, random.integer(1, Math.min(unit, 2 ** 31 - 1))]);
  const { base, step } = chance(random, 0.6) ? { base: 0, step: 1 } : drawCodes(random);
  const exactness = { kind: "exact" } as const;
  return {
    ...{ kind: "fixed-point", multipliers, offsets, shift, tieBand, low, high, base, step },
    // Proved with the layer.
    bits: 53,
    exactness,
  };
}

function widest({ low, high }: Range): number {
  return Math.max(1, Math.abs(low), Math.abs(high));
}
