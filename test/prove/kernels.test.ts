import { expect, it } from "vitest";
import { emitC } from "../../src/emit/index.js";
import type { Window } from "../../src/graph/types.js";
import { KERNELS } from "../../src/kernels/index.js";
import type { Range, WeightKind } from "../../src/network/types.js";
import { plan } from "../../src/plan/index.js";
import { proveSubject } from "../../src/prove/index.js";
import { findTarget } from "../../src/targets/index.js";
import { subjectOf } from "../../src/verify/subject.js";
import { kernelNamed, oneLayer } from "../kernels/forced.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";

/** A small layer that is analysed with the kernel. */
interface Layer {
  readonly target: string;
  readonly weights?: WeightKind;
  readonly window?: "full" | "depthwise";
  /** Inputs that the kernel is for; all of int8 where left out. */
  readonly codes?: Range;
  /** Whether the ranges of its sums are found in its C. */
  readonly sums?: "followed";
}

const TWO_BITS: Range = { low: -2, high: 1 };

/**
 * What is known of each kernel: a layer, or "elsewhere" for kernels without weights, which are in the
 * networks of proof.test.ts or have not been analysed. A new kernel needs a line here and in
 * docs/proof.md.
 */
const SHOWN: Readonly<Record<string, Layer | "elsewhere">> = {
  telescoped: { target: "cortex-m55" },
  "helium-depthwise-ternary": { target: "cortex-m55", window: "depthwise" },
  "helium-depthwise-binary": { target: "cortex-m55", window: "depthwise", weights: "binary" },
  "helium-depthwise-int4": { target: "cortex-m55", window: "depthwise", weights: "int4" },
  "helium-depthwise-int8": { target: "cortex-m55", window: "depthwise", weights: "int8" },
  "helium-max-pool": "elsewhere",
  "helium-sum-pool": "elsewhere",
  "helium-elementwise": "elsewhere",
  "rows-ternary": { target: "cortex-m4", sums: "followed" },
  "rows-binary": { target: "cortex-m4", weights: "binary" },
  "rows-int4": { target: "cortex-m4", weights: "int4", sums: "followed" },
  "rows-int8": { target: "cortex-m4", weights: "int8", sums: "followed" },
  "rows-base3": { target: "cortex-m4" },
  lut4: { target: "cortex-m3" },
  "lut-binary": { target: "cortex-m3", weights: "binary" },
  "lut4-wide": { target: "rv32imc" },
  "sparse-listed": { target: "cortex-m4" },
  "sparse-packed": { target: "cortex-m4" },
  "dual-dense": { target: "cortex-m4" },
  "dual-direct": { target: "cortex-m4" },
  "dual-conv": { target: "cortex-m4", window: "full" },
  "lanes-int4": { target: "cortex-m4", weights: "int4", window: "full" },
  "lanes-int8": { target: "cortex-m4", weights: "int8" },
  planes: { target: "cortex-m4", window: "depthwise" },
  triples: { target: "cortex-m4", window: "depthwise" },
  "triples-conv": { target: "cortex-m4", window: "full" },
  sliding: { target: "cortex-m0plus", window: "depthwise" },
  "lut4-pairs": { target: "cortex-m3", window: "full" },
  "popcount-binary": { target: "cortex-m4", weights: "binary", codes: TWO_BITS },
  "popcount-ternary": { target: "cortex-m4", window: "full", codes: TWO_BITS },
  straight: { target: "cortex-m4" },
  "sum-pool": "elsewhere",
  "max-pool": "elsewhere",
  elementwise: "elsewhere",
  product: "elsewhere",
  "gather-parts": "elsewhere",
  "gather-table": "elsewhere",
  lookup: "elsewhere",
  pointwise: "elsewhere",
  reduce: "elsewhere",
};

it("knows of every kernel what analysis says of it", () => {
  expect(Object.keys(SHOWN).sort()).toEqual(KERNELS.map(({ name }) => name).sort());
});

const WINDOW: Window = {
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: { top: 1, left: 1, bottom: 1, right: 1 },
};

/** A layer of int8 inputs whose sums are the output, which has room for all that lanes may hold. */
function networkOf({ weights: kind = "ternary", window, codes }: Layer) {
  const random = seeded(5);
  const [outputs, perOutput] = window === "depthwise" ? [4, 9] : [4, 36];
  const values = Int8Array.from({ length: outputs * perOutput }, () =>
    kind === "binary" ? 2 * random.integer(0, 1) - 1 : random.integer(-1, 1),
  );
  return oneLayer({
    type: "int8",
    range: codes ?? { low: -128, high: 127 },
    ...(window === undefined
      ? { height: 1, width: 1, channels: 36 }
      : { height: 3, width: 4, channels: 4, window: WINDOW }),
    groups: window === "depthwise" ? 4 : 1,
    weights: { kind, outputs, perOutput, values },
  });
}

const LAYERS = Object.entries(SHOWN).flatMap(([name, layer]) =>
  layer === "elsewhere" ? [] : [[name, layer] as const],
);

describeWith(["frama-c"], "a small layer of each kernel with weights", () => {
  it.each(LAYERS)("%s", async (name, layer) => {
    const network = networkOf(layer);
    const target = findTarget(layer.target);
    const kernel = kernelNamed(name);
    const planned = plan(network, target, { kernels: [kernel] });
    const files = emitC(planned, "net", { source: "", hash: "", command: "", version: "" });
    const { alarms, assumed } = await proveSubject(
      network,
      subjectOf(network, "net", files),
      target,
    );
    expect(alarms).toEqual([]);
    if (layer.sums === "followed") expect(assumed).toEqual([]);
  });
});
