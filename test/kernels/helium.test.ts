import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { depthwise, tapsPacking } from "../../src/kernels/helium/depthwise.js";
import { HELIUM_KERNELS } from "../../src/kernels/helium/index.js";
import { TELESCOPED } from "../../src/kernels/helium/packing.js";
import { telescoped } from "../../src/kernels/helium/telescoped.js";
import { KERNELS, type LayerShape, shapeOf } from "../../src/kernels/index.js";
import type { Network, WeightKind, Weights } from "../../src/network/types.js";
import type { Samples } from "../../src/simulate/batch.js";
import { findTarget } from "../../src/targets/index.js";
import { benchesOf } from "../fuzz/bench.js";
import { compareAll, isFailure, type Trial } from "../fuzz/compare.js";
import { drawNetwork } from "../fuzz/draw.js";
import { drawInputs } from "../fuzz/inputs.js";
import { type Planning, planFor } from "../fuzz/planning.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { extremeInputs, oneLayer } from "./forced.js";

const M55 = findTarget("cortex-m55");

describe("telescoped packing", () => {
  it.each([
    [1, 1],
    [3, 16],
    [4, 17],
    [10, 27],
    [64, 64],
  ])("unpacks what it packed, %d rows of %d", (outputs, perOutput) => {
    const random = seeded(outputs * perOutput);
    const values = Int8Array.from({ length: outputs * perOutput }, () => random.integer(-1, 1));
    const bytes = TELESCOPED.pack({ kind: "ternary", outputs, perOutput, values });
    expect(TELESCOPED.unpack(bytes, outputs, perOutput)).toEqual(values);
    expect(bytes.length).toBe(Math.ceil(outputs / 4) * Math.ceil(perOutput / 16) * 16);
  });
});

describe("telescoped rows", () => {
  it("are for Helium", () => {
    expect(telescoped.refuses(shape(dense(4, 8)), findTarget("cortex-m4"))).toContain("Helium");
    expect(telescoped.refuses(shape(dense(4, 8)), M55)).toBeNull();
  });

  it("take bytes", () => {
    expect(telescoped.refuses(shape(dense(4, 8, { type: "int16" })), M55)).toContain("int16");
  });

  // A sum of bytes reaches 85 * 128 for each input, and twice that before its rows are told apart.
  it("refuse rows whose sums could leave 32 bits, and none shorter", () => {
    const longest = Math.ceil(2 ** 31 / (2 * 85 * 128)) - 1;
    expect(telescoped.refuses(shape(dense(1, longest)), M55)).toBeNull();
    expect(telescoped.refuses(shape(dense(1, longest + 1)), M55)).toContain("32 bits");
  });
});

/** A layer whose rows are all of one sign, so that its bytes are 85 or -85. */
function dense(
  outputs: number,
  perOutput: number,
  { type = "int8", sign = 1 }: { type?: "int8" | "uint8" | "int16"; sign?: number } = {},
): Network {
  const range = type === "uint8" ? { low: 0, high: 255 } : { low: -128, high: 127 };
  const values = new Int8Array(outputs * perOutput).fill(sign);
  const weights: Weights = { kind: "ternary", outputs, perOutput, values };
  return oneLayer({ type, range, height: 1, width: 1, channels: perOutput, weights });
}

function shape(network: Network): LayerShape {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return shapeOf(layer, network);
}

describe("taps packing", () => {
  it.each(["ternary", "int4", "int8"] as const)("unpacks what it packed, %s", (kind) => {
    const { pack, unpack } = tapsPacking(kind);
    const most = { ternary: 1, int4: 7, int8: 127 }[kind];
    for (const [outputs, perOutput] of [
      [1, 1],
      [16, 9],
      [19, 25],
    ] as const) {
      const random = seeded(perOutput);
      const drawn = () => random.integer(-most, most);
      const values = Int8Array.from({ length: outputs * perOutput }, drawn);
      const bytes = pack({ kind, outputs, perOutput, values });
      expect(unpack(bytes, outputs, perOutput)).toEqual(values);
    }
  });
});

describe("depthwise in 16 bits", () => {
  const kernel = depthwise("int8");

  // 2 taps of 127 and one of 1, times 128: 32640. One more of 1 is 32768.
  it("refuses filters whose sums could leave 16 bits, and none smaller", () => {
    const filter = (...taps: number[]) =>
      shape(depthwiseNetwork(Int8Array.of(...taps, 0, 0, 0, 0)));
    expect(kernel.refuses(filter(127, -127, 1), M55)).toBeNull();
    expect(kernel.refuses(filter(127, -127, 2), M55)).toContain("32768");
  });
});

/** Filters of 1 x n taps, for two channels unless said otherwise. */
function depthwiseNetwork(
  values: Int8Array,
  {
    type = "int8",
    kind = "int8",
    channels = 2,
  }: {
    readonly type?: "int8" | "uint8";
    readonly kind?: WeightKind;
    readonly channels?: number;
  } = {},
): Network {
  const perOutput = values.length / channels;
  const range = type === "uint8" ? { low: 0, high: 255 } : { low: -128, high: 127 };
  const window: Window = {
    kernel: [1, perOutput],
    strides: [1, 1],
    dilations: [1, 1],
    pads: { top: 0, left: 1, bottom: 0, right: 1 },
  };
  const weights: Weights = { kind, outputs: channels, perOutput, values };
  const zero = type === "uint8" ? 128 : 0;
  const extent = { height: 3, width: 9, channels };
  return oneLayer({ type, range, zero, ...extent, weights, window, groups: channels });
}

/** So many filters in a row. */
function repeated(filter: readonly number[], channels: number): Int8Array {
  return Int8Array.from(
    { length: channels * filter.length },
    (_, i) => filter[i % filter.length] ?? 0,
  );
}

/** On the core itself and, planned for it, natively. */
const BENCHES = benchesOf("native:gcc:O1:sanitize,cortex-m55");
const HERE = new Set(HELIUM_KERNELS.map(({ name }) => name));
const PLANNING: Planning = {
  optimize: "speed",
  without: KERNELS.filter(
    ({ name, packing }) => packing !== null && !HERE.has(name) && !name.startsWith("rows-"),
  ).map(({ name }) => name),
  core: "cortex-m55",
};

function trialOf(network: Network, { count, values }: Samples): Trial {
  const each = values.length / count;
  const inputs = Array.from({ length: count }, (_, i) =>
    Int32Array.from(values.subarray(i * each, (i + 1) * each)),
  );
  return { network, inputs, planning: PLANNING };
}

/** Networks of one kernel that are enough. */
const ENOUGH = 4;

/** Networks of the first seeds, as many as it takes for each kernel of Helium. */
function drawnNetworks(): Network[] {
  const found: Network[] = [];
  const times = new Map<string, number>();
  for (let seed = 0; seed < 300; seed++) {
    const network = drawNetwork(seed);
    const { layers } = planFor(network, M55, PLANNING);
    const wanted = layers
      .map(({ kernel }) => kernel.name)
      .filter((name) => HERE.has(name) && (times.get(name) ?? 0) < ENOUGH);
    if (wanted.length > 0) found.push(network);
    for (const name of wanted) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return found;
}

/** Sums at the ends of what they may reach, and networks with layers for these kernels. */
function trials(): Trial[] {
  const extreme = (["int8", "uint8"] as const).flatMap((type) => [
    dense(6, 1000, { type, sign: type === "int8" ? 1 : -1 }),
    depthwiseNetwork(repeated([127, -127, 1], 19), { type, channels: 19 }),
    depthwiseNetwork(repeated([1, -1, 0, -1, 1], 37), { type, kind: "ternary", channels: 37 }),
  ]);
  const drawn = drawnNetworks();
  return [
    ...extreme.map((network) => trialOf(network, extremeInputs(network, seeded(2), 2))),
    ...drawn.map((network, i) => ({
      network,
      inputs: drawInputs(network, seeded(i), 4),
      planning: PLANNING,
    })),
  ];
}

describe.each(BENCHES.map((bench) => ({ id: bench.configuration.id, bench })))(
  "on $id",
  ({ bench }) => {
    describeWith([...bench.tools], "the C", () => {
      it("is for these kernels, and equals the simulator", async () => {
        const all = trials();
        const used = all.flatMap(({ network }) =>
          planFor(network, bench.configuration.target, PLANNING).layers.map((l) => l.kernel.name),
        );
        expect(used).toEqual(
          expect.arrayContaining([
            ...["telescoped", "helium-depthwise-ternary", "helium-depthwise-int8"],
            ...["helium-max-pool", "helium-sum-pool", "helium-elementwise"],
          ]),
        );
        const outcomes = await compareAll(all, bench);
        expect(outcomes.filter(isFailure)).toEqual([]);
      });
    });
  },
);
