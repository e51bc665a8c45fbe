import { describe, expect, it } from "vitest";
import type { Graph } from "../../../src/graph/types.js";
import { lower } from "../../../src/network/lower/index.js";
import type { Network } from "../../../src/network/types.js";
import { elementCount, integerTensor } from "../../../src/network/types.js";
import { storageArray } from "../../../src/simulate/batch.js";
import { encodeInput } from "../../../src/simulate/codec.js";
import { createSimulator } from "../../../src/simulate/index.js";
import { comparison } from "../../property/compare.js";
import { runNatively, sanitizers, type Trial } from "../../property/native.js";
import { seeded } from "../../support/random.js";
import { describeWith } from "../../verify/toolchains.js";
import { OPERATOR_CASES } from "./operator-cases.js";

const INPUTS = 24;

/** Inputs of the graph, over all that its type holds. */
function inputsOf(graph: Graph, seed: number): number[][] {
  const random = seeded(seed);
  const { shape, type } = graph.tensors.get(graph.input) ?? { shape: [], type: "real" };
  const [low, high] = { uint8: [0, 255], int8: [-128, 127], int32: [0, 9], real: [-400, 400] }[
    type === "uint8" || type === "int8" || type === "int32" ? type : "real"
  ];
  const unit = type === "real" ? 1 / 64 : 1;
  const size = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: INPUTS }, (_, i) =>
    Array.from({ length: size }, () =>
      i === 0 ? (high ?? 0) * unit : random.integer(low ?? 0, high ?? 0) * unit,
    ),
  );
}

/** With a ternary layer beside the operator: networks without one are refused. */
function lowered(build: () => Graph): { graph: Graph; network: Network } {
  const graph = build();
  return { graph, network: lower(graph).network };
}

describe("the simulator gives what doubles give", () => {
  it.each(Object.entries(OPERATOR_CASES))("%s", (_, build) => {
    const { graph, network } = lowered(build);
    const compare = comparison(graph, network, false);
    let equal = 0;
    for (const input of inputsOf(graph, 5)) {
      const verdict = compare(input);
      if (typeof verdict === "object") throw new Error(verdict.difference);
      if (verdict === "equal") equal++;
    }
    expect(equal).toBeGreaterThan(INPUTS / 2);
  });
});

describeWith(["cc"], "the C gives what the simulator gives", () => {
  it("for every operator", { timeout: 300_000 }, () => {
    const trials = Object.values(OPERATOR_CASES).map((build, i): Trial => {
      const { graph, network } = lowered(build);
      const tensor = integerTensor(network.tensors[network.input.tensor]);
      const inputs = inputsOf(graph, 7).map((input) => Array.from(encodeInput(network, input)));
      const values = storageArray(tensor.type, INPUTS * elementCount(tensor));
      values.set(inputs.flat());
      return { name: `net${i}`, network, inputs: { count: INPUTS, values } };
    });
    const outputs = runNatively(trials, sanitizers());
    const names = Object.keys(OPERATOR_CASES);
    for (const [i, { network, inputs }] of trials.entries()) {
      const simulator = createSimulator(network);
      const size = inputs.values.length / INPUTS;
      const expected = Array.from({ length: INPUTS }, (_, k) =>
        Array.from(simulator.run(inputs.values.subarray(k * size, (k + 1) * size))),
      ).flat();
      expect({ name: names[i], outputs: Array.from(outputs[i] ?? []) }).toEqual({
        name: names[i],
        outputs: expected,
      });
    }
  });
});
