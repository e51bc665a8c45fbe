import { describe, expect, it } from "vitest";
import { agreementOf } from "../../src/network/agreement.js";
import { pick } from "../../src/network/channels.js";
import { finest } from "../../src/network/finest.js";
import type { LevelLine } from "../../src/network/lines.js";
import { add, floor, fromInteger, multiply, ratio } from "../../src/network/rational.js";
import { type Levels, levelsOf } from "../../src/network/steps.js";
import type { Exactness, Range } from "../../src/network/types.js";
import { seeded } from "../support/random.js";

const X: Range = { low: -90, high: 100 };
const Y: Range = { low: -40, high: 160 };

/** Levels are units of the line here: a break at every whole number, or half where ties go to even. */
const rounding = (half: boolean): Levels =>
  levelsOf(
    {
      kind: "uniform",
      scale: Float32Array.of(1),
      zero: Float32Array.of(0),
      zeroAdded: "after-rounding",
      axis: null,
      min: -128,
      max: 127,
      rounding: half ? "half-even" : "floor",
    },
    0,
  );

/** Both computed for every pair, in integers and in rationals. */
function compared(line: LevelLine, levels: Levels, limit: number) {
  const found = finest([line], [[X, Y]], limit);
  if (found === null) throw new Error("no integers");
  const { shift, rounded } = found;
  const { line: integer, error } = pick(rounded, 0);
  const inside = (level: number): number => Math.min(line.high, Math.max(line.low, level));
  let most = 0;
  for (let x = X.low; x <= X.high; x++) {
    for (let y = Y.low; y <= Y.high; y++) {
      const [a, b] = [pick(line.slopes, 0), pick(line.slopes, 1)];
      const sum = add(multiply(a, fromInteger(x)), multiply(b, fromInteger(y)));
      const exact = add(sum, line.intercept);
      const level = Number(floor(exact));
      const tie = exact.num % exact.den === 0n && levels.breakPoint(0).tiesToEven;
      const wanted = tie && level % 2 !== 0 ? level - 1 : level;
      const [wx, wy] = [pick(integer.multipliers, 0), pick(integer.multipliers, 1)];
      const got = Math.floor((wx * x + wy * y + integer.offset) / 2 ** shift);
      if (inside(wanted) !== inside(got)) most++;
    }
  }
  const agreement = agreementOf([{ line, ...integer, error, ranges: [X, Y], levels }], shift);
  return { most, agreement, error: error / 2 ** shift };
}

function lineOf(a: bigint, b: bigint, c: bigint, den: bigint): LevelLine {
  const slopes = [ratio(a, den), ratio(b, den)];
  return { slopes, intercept: ratio(c, den), low: -50, high: 60 };
}

describe("operands that end on the wrong side of a break", () => {
  it("are counted as looking at all of them does", () => {
    const random = seeded(5);
    const verdicts = new Set<Exactness["kind"]>();
    for (let trial = 0; trial < 14; trial++) {
      const den = BigInt(random.integer(900, 5000));
      const part = (): bigint => BigInt(random.integer(-1500, 1500));
      const line = lineOf(part(), part(), part(), den);
      const { most, agreement, error } = compared(
        line,
        rounding(trial % 2 === 0),
        11 + (trial % 7),
      );
      expect(error).toBeLessThan(0.5);
      const of = (X.high - X.low + 1) * (Y.high - Y.low + 1);
      expect(agreement).toEqual(
        most === 0 ? { kind: "exact" } : { kind: "bounded", within: error, most, of },
      );
      verdicts.add(agreement.kind);
    }
    expect([...verdicts].sort()).toEqual(["bounded", "exact"]);
  });

  it("count ties that integers with an error cannot tell", () => {
    const thirds = lineOf(1n, 1n, 0n, 3n);
    const { most, agreement } = compared(thirds, rounding(true), 20);
    expect(most).toBeGreaterThan(1000);
    expect(agreement).toMatchObject({ kind: "bounded", most });
  });
});
