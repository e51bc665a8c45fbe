import { describe, expect, it } from "vitest";
import { drawnInputs } from "../../src/bench/inputs.js";
import type { Window } from "../../src/graph/types.js";
import { shapeOf } from "../../src/kernels/index.js";
import { popcountPacking, rowWords, type Signs } from "../../src/kernels/popcount-packing.js";
import { elementCount, type Network, tensorAt, type Weights } from "../../src/network/types.js";
import { type Samples, storageArray } from "../../src/simulate/batch.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  differenceOn,
  differingNatively,
  kernelNamed,
  type OneLayer,
  oneLayer,
} from "./forced.js";

function weightsOf(kind: Signs, outputs: number, perOutput: number): Weights {
  const random = seeded(outputs * 1000 + perOutput);
  const values = Int8Array.from({ length: outputs * perOutput }, () =>
    kind === "binary" ? 2 * random.integer(0, 1) - 1 : random.integer(-1, 1),
  );
  return { kind, outputs, perOutput, values };
}

/** Codes of an activation: all between two numbers, or signs. */
interface Codes {
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

const SIGNS: Codes = { low: -1, high: 1, step: 2 };

type Shape = Pick<OneLayer, "height" | "width" | "channels"> & Partial<OneLayer>;

function caseOf(kind: Signs, outputs: number, codes: Codes, shape: Shape): Case {
  const { window, channels, groups = 1 } = shape;
  const taps = window === undefined ? 1 : window.kernel[0] * window.kernel[1];
  const { low, high, step = 1 } = codes;
  const network = withStep(
    oneLayer({
      type: low < 0 ? "int8" : "uint8",
      range: { low, high },
      weights: weightsOf(kind, outputs, (taps * channels) / groups),
      ...shape,
    }),
    low,
    step,
  );
  return { network, kernel: kernelNamed(`popcount-${kind}`), inputs: inputsOf(network) };
}

/** Its input as a quantiser to such codes makes it. */
function withStep(network: Network, base: number, step: number): Network {
  const breaks = [Float64Array.of(0)];
  const encoding = { kind: "real", breaks, descending: [false], base, step, formula: "" } as const;
  return step === 1 ? network : { ...network, input: { ...network.input, encoding } };
}

/** All lowest, all highest, and drawn ones. */
function inputsOf(network: Network): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  if (tensor.type === "float32") throw new TypeError("not an integer tensor");
  const elements = elementCount(tensor);
  const drawn = drawnInputs(network, 1, 3);
  const values = storageArray(tensor.type, 5 * elements);
  values.fill(tensor.range.low, 0, elements);
  values.fill(tensor.range.high, elements, 2 * elements);
  values.set(drawn.values, 2 * elements);
  return { count: 5, values };
}

function windowOf(kernel: readonly [number, number], options: Partial<Window> = {}): Window {
  return {
    kernel,
    strides: [1, 1],
    dilations: [1, 1],
    pads: { top: 0, left: 0, bottom: 0, right: 0 },
    ...options,
  };
}

const AROUND = { top: 1, left: 1, bottom: 1, right: 1 };
const ROW = { height: 1, width: 1 };

describe.each<Signs>(["binary", "ternary"])("%s rows of words", (kind) => {
  it.each([1, 31, 32, 33, 64, 100])("unpack as they were packed, %d weights", (perOutput) => {
    const packing = popcountPacking(kind);
    const weights = weightsOf(kind, 3, perOutput);
    const bytes = packing.pack(weights);
    expect(packing.unpack(bytes, 3, perOutput)).toEqual(weights.values);
    expect(bytes.length).toBe(12 * rowWords(kind, perOutput));
  });
});

describe("activations as planes of bits", () => {
  const reasonFor = (high: number) => {
    const { network, kernel } = caseOf("binary", 2, { low: 0, high }, { ...ROW, channels: 8 });
    const [layer] = network.layers;
    if (layer === undefined) throw new Error("no layer");
    return kernel.refuses(shapeOf(layer, network), findTarget("cortex-m4"));
  };

  it("are at most four", () => {
    expect(reasonFor(15)).toBeNull();
    expect(reasonFor(16)).toContain("5 bits");
  });
});

/** Every number of words left over, rows at which bytes of counts are full, and windows of all kinds. */
function cases(kind: Signs): ReadonlyMap<string, Case> {
  const list = new Map<string, Case>();
  const put = (name: string, outputs: number, codes: Codes, shape: Shape): void => {
    list.set(`${kind}, ${name}`, caseOf(kind, outputs, codes, shape));
  };
  for (const inputs of [1, 8, 32, 45, 96, 100, 130, 224, 300, 8000]) {
    put(`${inputs} signs`, 3, SIGNS, { ...ROW, channels: inputs });
  }
  put("two bits", 5, { low: 0, high: 3 }, { ...ROW, channels: 77 });
  put("two bits, signed", 5, { low: -2, high: 1 }, { ...ROW, channels: 77 });
  put("three codes", 5, { low: -1, high: 1 }, { ...ROW, channels: 77 });
  put("every second of four", 5, { low: -3, high: 3, step: 2 }, { ...ROW, channels: 64 });
  put("four bits about a zero", 5, { low: 3, high: 18 }, { ...ROW, channels: 50, zero: 7 });
  put("bytes at their ends", 5, { low: -128, high: -121 }, { ...ROW, channels: 40, zero: -128 });
  put("positions", 4, SIGNS, { height: 1, width: 3, channels: 20, positions: 3 });
  const window = windowOf([3, 3], { pads: AROUND });
  put("padded signs", 5, SIGNS, { height: 4, width: 5, channels: 8, window });
  put("padded signs, 40 channels", 5, SIGNS, { height: 3, width: 3, channels: 40, window });
  put("padded signs, no bytes", 5, SIGNS, { height: 4, width: 5, channels: 3, window });
  put(
    "padded, zero 2 of 0 to 3",
    5,
    { low: 0, high: 3 },
    {
      ...{ height: 4, width: 5, channels: 16, window, zero: 2 },
    },
  );
  put(
    "padded, zero beyond the codes",
    5,
    { low: 1, high: 3 },
    {
      ...{ height: 4, width: 4, channels: 8, window },
    },
  );
  put("strides, one side padded", 4, SIGNS, {
    ...{ height: 7, width: 6, channels: 16 },
    window: windowOf([3, 2], { strides: [2, 3], pads: { top: 0, left: 2, bottom: 1, right: 0 } }),
  });
  put(
    "strides beyond the window",
    4,
    { low: 0, high: 3 },
    {
      ...{ height: 9, width: 7, channels: 24, window: windowOf([2, 1], { strides: [4, 2] }) },
    },
  );
  put("dilations", 4, SIGNS, {
    ...{ height: 7, width: 8, channels: 8 },
    window: windowOf([3, 3], { dilations: [2, 3], pads: { top: 2, left: 3, bottom: 2, right: 3 } }),
  });
  put("groups", 6, SIGNS, { height: 4, width: 4, channels: 6, groups: 3, window });
  put("points", 7, SIGNS, { height: 3, width: 2, channels: 33, window: windowOf([1, 1]) });
  return list;
}

describeWith(["cc"], "counted bits, natively", () => {
  it.each<Signs>(["binary", "ternary"])("equal the simulator's sums: %s", async (kind) => {
    expect(await differingNatively(cases(kind))).toEqual([]);
  });
});

// Each has a way of its own to load and to add bytes.
describeWith(["arm-gcc", "qemu-arm"], "counted bits, on Cortex-M", () => {
  it.each(["cortex-m0plus", "cortex-m3:Os", "cortex-m4:O3"])(
    "equal the simulator's sums: %s",
    async (target) => {
      for (const kind of ["binary", "ternary"] as const) {
        const each = cases(kind);
        for (const name of ["130 signs", "padded signs, 40 channels", "two bits, signed"]) {
          const found = each.get(`${kind}, ${name}`);
          if (found === undefined) throw new Error(name);
          expect(await differenceOn(target, found)).toBeNull();
        }
      }
    },
    60_000,
  );
});
