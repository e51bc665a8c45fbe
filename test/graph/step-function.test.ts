import { describe, expect, test } from "vitest";
import { ROUND } from "../../src/graph/rounding.js";
import {
  combineSteps,
  mapValues,
  ofAbsolute,
  ofClipped,
  ofScaled,
  ofShifted,
  type StepFunction,
  stepsOfQuantizer,
  valueAt,
} from "../../src/graph/step-function.js";
import type { Quantizer, Rounding } from "../../src/graph/types.js";

/** Every break point of the functions below, and numbers between them. */
const NUMBERS = Array.from({ length: 129 }, (_, i) => (i - 64) / 8);

const SIGN = steps({ kind: "sign" });
const TERNARY: StepFunction = {
  breaks: [
    { at: -1, open: true },
    { at: 1, open: false },
  ],
  values: [-1, 0, 1],
};

function steps(quantizer: Quantizer): StepFunction {
  const made = stepsOfQuantizer(quantizer);
  if (made === null) throw new Error("no step function");
  return made;
}

function uniform(
  rounding: Rounding,
  zero: number,
  zeroAdded: "before-rounding" | "after-rounding",
) {
  const affine = { scale: Float32Array.of(0.5), zero: Float32Array.of(zero), axis: null } as const;
  return { kind: "uniform", ...affine, zeroAdded, min: -4, max: 5, rounding } as const;
}

function expectSame(made: StepFunction | null, f: (x: number) => number): void {
  if (made === null) throw new Error("no step function");
  for (const x of NUMBERS) expect([x, valueAt(made, x)]).toEqual([x, f(x) + 0]);
}

describe("quantisers", () => {
  const roundings: Rounding[] = ["half-even", "floor", "ceil", "toward-zero"];
  test.each(roundings)("that round by %s", (rounding) => {
    const clip = (q: number) => Math.min(Math.max(q, -4), 5);
    for (const zero of [0, 1, -2]) {
      expectSame(steps(uniform(rounding, zero, "after-rounding")), (x) =>
        clip(ROUND[rounding](x / 0.5) + zero),
      );
      if (rounding !== "toward-zero") {
        expectSame(steps(uniform(rounding, zero, "before-rounding")), (x) =>
          clip(ROUND[rounding](x / 0.5 + zero)),
        );
      }
    }
  });

  test("of signs and thresholds", () => {
    expectSame(SIGN, Math.sign);
    expectSame(steps({ kind: "bipolar" }), (x) => (x >= 0 ? 1 : -1));
    const list = { values: Float64Array.of(-1, 2), open: [true, false], count: 2 } as const;
    const levels = { axis: null, base: 3, step: 2 } as const;
    expectSame(
      steps({ kind: "thresholds", ...list, ...levels }),
      (x) => 3 + 2 * (Number(x > -1) + Number(x >= 2)),
    );
  });

  test("of each channel, or with a fraction as zero point, are none", () => {
    const fraction = uniform("half-even", 0.5, "before-rounding");
    expect(stepsOfQuantizer(fraction)).toBeNull();
    const channels = {
      ...fraction,
      zero: Float32Array.of(0),
      scale: Float32Array.of(1, 2),
      axis: 1,
    };
    expect(stepsOfQuantizer(channels)).toBeNull();
  });
});

describe("functions of a step function", () => {
  const ternary = (x: number) => (x > -1 ? (x >= 1 ? 1 : 0) : -1);

  test("of the absolute value, and with pieces that become one", () => {
    for (const f of [SIGN, TERNARY]) expectSame(ofAbsolute(f), (x) => valueAt(f, Math.abs(x)));
    expect(mapValues(SIGN, Math.abs).breaks).toHaveLength(2);
    expectSame(mapValues(SIGN, Math.abs), (x) => Math.abs(Math.sign(x)));
  });

  test("scaled, shifted and clipped", () => {
    for (const factor of [2, -0.5])
      expectSame(ofScaled(TERNARY, factor), (x) => ternary(x * factor));
    for (const by of [0.25, -3]) expectSame(ofShifted(TERNARY, by), (x) => ternary(x + by));
    for (const [low, high] of [
      [-1, 1],
      [-0.5, 4],
      [1, 1],
      [-9, -1],
    ] as const) {
      const clip = (x: number) => Math.min(Math.max(x, low), high);
      expectSame(ofClipped(TERNARY, low, high), (x) => ternary(clip(x)));
    }
  });

  test("where a break point would be rounded there is none", () => {
    expect(ofScaled(TERNARY, 3)).toBeNull();
    expectSame(ofScaled(SIGN, 3), Math.sign);
    expect(ofShifted(TERNARY, 2 ** -60)).toBeNull();
  });

  test("of two, at breaks that they share and at others", () => {
    const other = ofShifted(SIGN, 1);
    for (const f of [SIGN, other ?? SIGN]) {
      expectSame(
        combineSteps(TERNARY, f, (a, b) => 3 * a + b),
        (x) => 3 * ternary(x) + valueAt(f, x),
      );
    }
  });
});
