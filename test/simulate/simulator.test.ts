import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import type {
  FixedPoint,
  GatherPart,
  Layer,
  Network,
  Requantization,
  Tensor,
  Weights,
} from "../../src/network/types.js";
import { createSimulator } from "../../src/simulate/index.js";
import { requantizer } from "../../src/simulate/requantizer.js";

const RANGE = { low: -1000, high: 1000 };
const NONE: Requantization = { kind: "none" };

function tensor(height: number, width: number, channels: number): Tensor {
  return { height, width, channels, type: "int16", range: RANGE };
}

function window(kernel: [number, number], pad = 0, dilation = 1, stride = 1): Window {
  return {
    kernel,
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: { top: pad, left: pad, bottom: pad, right: pad },
  };
}

/** One layer from tensor 0 to tensor 1. */
function run(layer: Layer, input: Tensor, output: Tensor, values: readonly number[]): number[] {
  const network: Network = {
    input: {
      name: "x",
      tensor: 0,
      shape: [],
      source: null,
      encoding: { kind: "integer", scale: null, zero: 0 },
    },
    output: { name: "y", tensor: 1, shape: [], source: null, real: null, head: "none" },
    tensors: [input, output],
    layers: [layer],
  };
  return [...createSimulator(network).run(values)];
}

const BASE = { name: "layer", origins: [], output: 1 } as const;

function ternary(outputs: number, values: readonly number[]): Weights {
  return {
    kind: "ternary",
    outputs,
    perOutput: values.length / outputs,
    values: Int8Array.from(values),
  };
}

describe("layers, computed by hand", () => {
  it("dense subtracts the zero point from every input", () => {
    const layer: Layer = {
      ...BASE,
      kind: "dense",
      input: 0,
      zero: 10,
      weights: ternary(2, [1, 0, -1, 1, 1, 1]),
      positions: 1,
      accumulators: [RANGE, RANGE],
      requantization: NONE,
    };
    expect(run(layer, tensor(1, 1, 3), tensor(1, 1, 2), [11, 12, 14])).toEqual([-3, 7]);
  });

  it("dense takes rows one after another", () => {
    const layer: Layer = {
      ...BASE,
      kind: "dense",
      input: 0,
      zero: 0,
      weights: ternary(1, [1, -1]),
      positions: 2,
      accumulators: [RANGE],
      requantization: NONE,
    };
    expect(run(layer, tensor(1, 2, 2), tensor(1, 2, 1), [5, 3, 1, 9])).toEqual([2, -8]);
  });

  it("conv pads with nothing, whatever the zero point", () => {
    const layer: Layer = {
      ...BASE,
      kind: "conv",
      input: 0,
      zero: 100,
      weights: ternary(1, [1, 1, 1]),
      window: { ...window([1, 3]), pads: { top: 0, left: 1, bottom: 0, right: 1 } },
      groups: 1,
      accumulators: [RANGE],
      requantization: NONE,
    };
    expect(run(layer, tensor(1, 3, 1), tensor(1, 3, 1), [101, 102, 104])).toEqual([3, 7, 6]);
  });

  it("conv with groups reads each group's channels", () => {
    const layer: Layer = {
      ...BASE,
      kind: "conv",
      input: 0,
      zero: 0,
      weights: ternary(2, [1, 1, 1, -1]),
      window: window([1, 1]),
      groups: 2,
      accumulators: [RANGE, RANGE],
      requantization: NONE,
    };
    expect(run(layer, tensor(1, 1, 4), tensor(1, 1, 2), [1, 2, 10, 3])).toEqual([3, 7]);
  });

  it("conv skips between dilated taps", () => {
    const layer: Layer = {
      ...BASE,
      kind: "conv",
      input: 0,
      zero: 0,
      weights: ternary(1, [1, -1]),
      window: window([1, 2], 0, 2),
      groups: 1,
      accumulators: [RANGE],
      requantization: NONE,
    };
    expect(run(layer, tensor(1, 4, 1), tensor(1, 2, 1), [1, 2, 4, 8])).toEqual([-3, -6]);
  });

  it("max-pool never lets padding win", () => {
    const layer: Layer = { ...BASE, kind: "max-pool", input: 0, window: window([2, 2], 1, 1, 2) };
    const values = [-9, -8, -7, -6];
    expect(run(layer, tensor(2, 2, 1), tensor(2, 2, 1), values)).toEqual(values);
  });

  it("sum-pool scales clipped windows to a common multiple", () => {
    const layer = (multiple: number): Layer => ({
      ...BASE,
      kind: "sum-pool",
      input: 0,
      zero: 1,
      window: window([2, 2], 1, 1, 1),
      multiple,
      margins: { top: 0, left: 0, bottom: 0, right: 0 },
      accumulators: [RANGE],
      requantization: NONE,
    });
    const sums = (multiple: number) =>
      run(layer(multiple), tensor(2, 2, 1), tensor(3, 3, 1), [2, 3, 4, 5]);
    expect(sums(0)).toEqual([1, 3, 2, 4, 10, 6, 3, 7, 4]);
    expect(sums(4)).toEqual([4, 6, 8, 8, 10, 12, 12, 14, 16]);
  });

  it("gather moves", () => {
    const layer = gather({ channels: Int32Array.of(2, 0, 1) });
    expect(run(layer, tensor(1, 1, 3), tensor(1, 1, 3), [7, 8, 9])).toEqual([9, 7, 8]);
  });

  it("refuses inputs of another size", () => {
    const layer = gather({});
    expect(() => run(layer, tensor(1, 1, 1), tensor(1, 1, 1), [1, 2])).toThrow(/2 elements, not 1/);
  });
});

/** A gather of one part over a vector of three. */
function gather(part: Partial<GatherPart>): Layer {
  const zero = Int32Array.of(0);
  const whole = { input: 0, top: 0, left: 0, first: 0, rows: zero, columns: zero, channels: zero };
  return {
    ...BASE,
    kind: "gather",
    inputs: [0],
    view: { height: 1, width: 1, channels: 3 },
    parts: [{ ...whole, ...part }],
    fill: 0,
  };
}

const EXACT = { kind: "exact" } as const;

const FIXED: FixedPoint = {
  kind: "fixed-point",
  multipliers: [Float64Array.of(1)],
  offsets: Float64Array.of(2),
  shift: 2,
  tieBand: 1,
  low: Float64Array.of(-2),
  high: Float64Array.of(3),
  base: 10,
  step: 1,
  bits: 31,
  exactness: EXACT,
};

describe("requantisations, computed by hand", () => {
  it("fixed point sends ties to the even level, on both sides of zero", () => {
    const quarter = requantizer(FIXED);
    const inputs = [-7, -6, -5, -2, -1, 0, 1, 2, 3, 5, 6, 7, 10, 99, -99];
    expect(inputs.map((x) => quarter(x, 0) - 10)).toEqual([
      -2, -2, -1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, -2,
    ]);
  });

  it("fixed point takes constants of its channel, and a second operand", () => {
    const sum = requantizer({
      ...FIXED,
      multipliers: [Float64Array.of(4, 8), Float64Array.of(-4)],
      offsets: Float64Array.of(0, 4),
      tieBand: 0,
      low: Float64Array.of(-100),
      high: Float64Array.of(100, 5),
    });
    expect([sum(7, 0, 2), sum(7, 1, 2), sum(2, 1, 2)]).toEqual([15, 15, 13]);
  });

  it("thresholds are counted in the channel's list, or the only one", () => {
    const rule = { kind: "thresholds", base: -1, step: 2, exactness: EXACT } as const;
    const each = requantizer({ ...rule, count: 2, thresholds: Int32Array.of(0, 5, 3, 3) });
    expect([each(-1, 0), each(0, 0), each(5, 0), each(2, 1), each(3, 1)]).toEqual([
      -1, 1, 3, -1, 3,
    ]);
    const one = requantizer({ ...rule, count: 1, thresholds: Int32Array.of(4) });
    expect([one(3, 7), one(4, 7)]).toEqual([-1, 1]);
  });

  it("tables begin at their lowest accumulator", () => {
    const rule = { kind: "table", low: -1, size: 2, exactness: EXACT } as const;
    const each = requantizer({ ...rule, values: Int32Array.of(5, 6, 7, 8) });
    expect([each(-1, 0), each(0, 0), each(-1, 1), each(0, 1)]).toEqual([5, 6, 7, 8]);
  });
});
