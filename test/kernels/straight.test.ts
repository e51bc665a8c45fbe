import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { lanePartsOf } from "../../src/kernels/straight/block.js";
import { STRAIGHT_KERNEL } from "../../src/kernels/straight/index.js";
import type {
  ConvLayer,
  DenseLayer,
  IntegerTensor,
  Network,
  Weights,
} from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { benchesOf } from "../fuzz/bench.js";
import { compareAll, isFailure, type Trial } from "../fuzz/compare.js";
import { drawNetwork } from "../fuzz/draw.js";
import { drawRule } from "../fuzz/draw-rule.js";
import { fitLayer, networkOf } from "../fuzz/fit.js";
import { drawInputs } from "../fuzz/inputs.js";
import { type Planning, planFor, WITH_WEIGHTS } from "../fuzz/planning.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";

interface Case {
  readonly input: readonly [height: number, width: number, channels: number];
  readonly type?: "int8" | "uint8";
  readonly range?: IntegerTensor["range"];
  readonly zero?: number;
  readonly outputs: number;
  /** Absent: a dense layer. */
  readonly window?: Partial<Window>;
  readonly groups?: number;
  readonly positions?: number;
  readonly zeros?: number;
  /** Every weight. */
  readonly weight?: number;
}

const ALL = { int8: { low: -128, high: 127 }, uint8: { low: 0, high: 255 } };

/** Other kernels with weights are left out. */
const STRAIGHT: Planning = {
  optimize: "speed",
  without: WITH_WEIGHTS.filter((name) => name !== "straight"),
};

/** Plain rows compute what straight-line code does not. */
const MIXED: Planning = {
  ...STRAIGHT,
  without: STRAIGHT.without.filter((name) => !name.startsWith("rows-")),
};

/** One layer with weights of that sparsity and any requantisation. */
function trial(shape: Case, seed: number): Trial {
  const random = seeded(seed);
  for (let i = 0; i < 8; i++) random.next();
  const [height, width, channels] = shape.input;
  const { type = "int8", outputs, groups = 1, zeros = 0.5, positions = 1 } = shape;
  const range = shape.range ?? ALL[type];
  const input: IntegerTensor = { height, width, channels, type, range };
  const window: Window = {
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: { top: 0, left: 0, bottom: 0, right: 0 },
    ...shape.window,
  };
  const perOutput =
    shape.window === undefined
      ? (height * width * channels) / positions
      : (window.kernel[0] * window.kernel[1] * channels) / groups;
  const drawn = (): number =>
    shape.weight ?? (random.next() < zeros ? 0 : random.next() < 0.5 ? -1 : 1);
  const values = Int8Array.from({ length: outputs * perOutput }, drawn);
  const weights: Weights = { kind: "ternary", outputs, perOutput, values };
  const common = {
    name: "layer",
    origins: [],
    input: 0,
    output: 1,
    zero: shape.zero ?? 0,
    weights,
  };
  const unproved = { accumulators: [], requantization: { kind: "none" } } as const;
  const layer: ConvLayer | DenseLayer =
    shape.window === undefined
      ? { kind: "dense", ...common, ...unproved, positions }
      : { kind: "conv", ...common, ...unproved, window, groups };
  const fitted = (made: ConvLayer | DenseLayer) =>
    fitLayer(made, [input], { type: "int8", extent: null });
  const plain = fitted(layer)?.layer;
  if (plain === undefined || !("accumulators" in plain)) throw new Error("does not fit");
  // Not every rule that is drawn keeps the limits of arithmetic.
  for (;;) {
    const requantization = drawRule(random, [plain.accumulators], outputs);
    const proved = fitted({ ...layer, requantization });
    if (proved === null) continue;
    const network = networkOf([input, proved.output], [proved.layer]);
    return { network, inputs: drawInputs(network, random, 3), planning: STRAIGHT };
  }
}

const pads = (top: number, left: number, bottom = top, right = left): Window["pads"] => ({
  top,
  left,
  bottom,
  right,
});

const CASES: readonly Case[] = [
  { input: [1, 1, 40], outputs: 1 },
  { input: [1, 1, 7], outputs: 11, zeros: 0 },
  { input: [1, 1, 33], outputs: 23, type: "uint8", zero: 131 },
  { input: [1, 1, 300], outputs: 12, zeros: 0.9 },
  { input: [1, 1, 64], outputs: 10, zeros: 1 },
  { input: [1, 5, 12], outputs: 9, positions: 5 },
  { input: [2, 3, 5], outputs: 4, positions: 6, type: "uint8", zero: 3 },
  { input: [5, 7, 4], outputs: 10, window: { kernel: [3, 3], pads: pads(1, 1) } },
  { input: [4, 4, 3], outputs: 21, window: { kernel: [3, 3], pads: pads(1, 1) }, zero: -128 },
  { input: [6, 5, 2], outputs: 3, window: { kernel: [3, 3], pads: pads(1, 1), strides: [2, 2] } },
  { input: [7, 8, 3], outputs: 5, window: { kernel: [2, 3], pads: pads(0, 2, 1, 0) }, zero: 9 },
  { input: [9, 6, 2], outputs: 2, window: { kernel: [3, 2], strides: [3, 1] }, type: "uint8" },
  { input: [5, 5, 2], outputs: 2, window: { kernel: [1, 1], strides: [2, 2] } },
  { input: [9, 9, 1], outputs: 4, window: { kernel: [3, 3], dilations: [2, 3], pads: pads(2, 3) } },
  { input: [12, 3, 1], outputs: 6, window: { kernel: [10, 3], pads: pads(4, 1), strides: [2, 1] } },
  { input: [3, 1, 6], outputs: 4, window: { kernel: [3, 1], pads: pads(1, 0) } },
  { input: [4, 6, 13], outputs: 13, groups: 13, window: { kernel: [3, 3], pads: pads(1, 1) } },
  { input: [5, 5, 6], outputs: 12, groups: 3, window: { kernel: [3, 3], strides: [2, 2] } },
  { input: [3, 3, 40], outputs: 12, window: {}, zeros: 0.3 },
  { input: [1, 2, 4], outputs: 3, window: { kernel: [5, 5], pads: pads(2, 2) }, zero: 5 },
];

async function expectEqual(
  cases: readonly Trial[],
  configuration: string,
  core?: string,
): Promise<void> {
  const [bench] = benchesOf(configuration);
  if (bench === undefined) throw new Error(`no bench ${configuration}`);
  const planned = cases.map((each) =>
    core === undefined ? each : { ...each, planning: { ...each.planning, core } },
  );
  const outcomes = await compareAll(planned, bench);
  const failures = outcomes.flatMap((outcome, i) => (isFailure(outcome) ? [{ i, outcome }] : []));
  expect(failures).toEqual([]);
  expect(outcomes.filter(({ kind }) => kind === "refused").length).toBeLessThan(2);
}

function kernelsOf(network: Network, core: string): string[] {
  return planFor(network, findTarget(core), STRAIGHT).layers.map(({ kernel }) => kernel.name);
}

const trials = CASES.map((shape, i) => trial(shape, i + 1));
const drawn = Array.from({ length: 30 }, (_, seed): Trial => {
  const network = drawNetwork(seed);
  return { network, inputs: drawInputs(network, seeded(seed), 2), planning: MIXED };
});

/**
 * All weights and inputs at their ends: the most that a lane holds, and one input more. Sums of 258
 * inputs of up to 127 are at most 32766; 256 of -128 are -32768, and 255 of them minus 32640.
 */
const BRINKS: readonly Case[] = [
  { input: [1, 4, 258], range: { low: 0, high: 127 }, outputs: 2, weight: 1, window: {} },
  { input: [1, 4, 259], range: { low: 0, high: 127 }, outputs: 2, weight: 1, window: {} },
  { input: [1, 3, 256], outputs: 1, weight: 1, window: {} },
  { input: [1, 3, 257], outputs: 1, weight: 1, window: {} },
  { input: [1, 3, 255], outputs: 1, weight: -1, window: {} },
  { input: [1, 3, 256], outputs: 1, weight: -1, window: {} },
  { input: [1, 3, 128], outputs: 1, type: "uint8", weight: 1, window: {} },
  { input: [1, 3, 600], outputs: 3, type: "uint8", weight: -1, window: {} },
];

describe("lanes of 16 bits", () => {
  it("take as many weights as their sums fit, and no more", () => {
    const parts = BRINKS.map((shape, i) => {
      const [layer] = trial(shape, i).network.layers;
      if (layer?.kind !== "conv") throw new Error("not a convolution");
      return lanePartsOf(layer.weights, shape.range ?? ALL[shape.type ?? "int8"]);
    });
    expect(parts).toEqual([
      [0, 258],
      [0, 258, 259],
      [0, 256],
      [0, 256, 257],
      [0, 255],
      [0, 255, 256],
      [0, 128],
      [0, 128, 256, 384, 512, 600],
    ]);
  });
});

describe("straight-line code", () => {
  it("is for every one of these shapes", () => {
    for (const core of ["cortex-m0", "cortex-m4"]) {
      for (const { network } of trials) expect(kernelsOf(network, core)).toEqual(["straight"]);
    }
  });

  it("is not for wide inputs, nor for cores that it has no instructions of", () => {
    const { network } = trial({ input: [1, 1, 8], outputs: 1 }, 1);
    const [input, output] = network.tensors;
    const [layer] = network.layers;
    if (input?.type !== "int8" || output === undefined || layer === undefined) throw new Error();
    const shape = { layer, inputs: [{ ...input, type: "int16" as const }], output };
    const target = findTarget("cortex-m4");
    expect(STRAIGHT_KERNEL.refuses(shape, target)).toContain("wider than 8 bits");
    expect(STRAIGHT_KERNEL.refuses({ ...shape, inputs: [input] }, target)).toBe(null);
    expect(STRAIGHT_KERNEL.refuses({ ...shape, inputs: [input] }, findTarget("lx106"))).toContain(
      "this core",
    );
  });
});

const brinks = BRINKS.map((shape, i) => trial(shape, i + 1));

describeWith(["gcc", "clang"], "straight-line code elsewhere, from its table", () => {
  it("equals the simulator, under sanitizers", { timeout: 120_000 }, async () => {
    await expectEqual([...trials, ...brinks, ...drawn], "native:gcc:O1:sanitize", "cortex-m4");
    await expectEqual(trials, "native:clang:O2", "cortex-m0");
  });
});

describeWith(["arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32"], "straight-line code", () => {
  const programs: readonly (readonly [string, readonly Trial[]])[] = [
    ["cortex-m0", trials],
    ["cortex-m0plus", [...brinks, ...drawn]],
    ["cortex-m4", [...trials, ...brinks]],
    ["cortex-m55", trials],
    ["rv32imc", [...trials, ...brinks, ...drawn]],
    ["rv32ec", trials],
  ];

  it.each(programs)("equals the simulator on %s", { timeout: 120_000 }, async (core, cases) => {
    const half = Math.ceil(cases.length / 2);
    await expectEqual(cases.slice(0, half), core);
    await expectEqual(cases.slice(half), core);
  });
});
