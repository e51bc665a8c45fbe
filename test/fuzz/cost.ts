import type { Window } from "../../src/graph/types.js";
import type { FloatStep } from "../../src/network/float.js";
import { elementCount, type Layer, type Requantization } from "../../src/network/types.js";
import type { Trial } from "./compare.js";

/** How much a person has to read to understand a trial; any number that falls will do. */
export function costOf({ network, inputs }: Trial): number {
  const elements = total(network.tensors.map(elementCount));
  const types = total(network.tensors.map(({ type }) => (type === "int8" ? 0 : 1)));
  const set = total(inputs.map((input) => total(Array.from(input, (x) => (x === 0 ? 0 : 1)))));
  return total(network.layers.map(costOfLayer)) + 4 * elements + types + set;
}

function costOfLayer(layer: Layer): number {
  let cost = 1000;
  if ("weights" in layer) {
    const { values } = layer.weights;
    cost += 2 * values.length + values.reduce((n, w) => n + (w === 0 ? 0 : 1), 0);
  }
  if ("window" in layer) cost += costOfWindow(layer.window);
  if ("requantization" in layer) cost += costOfRule(layer.requantization);
  if ("zero" in layer && layer.zero !== 0) cost += 5;
  if ("inputs" in layer) cost += 20 * (layer.inputs.length - 1);
  if ("zeros" in layer) cost += 5 * layer.zeros.filter((zero) => zero !== 0).length;
  if ("margins" in layer) cost += total(Object.values(layer.margins));
  if ("table" in layer) cost += layer.table.length;
  if ("parts" in layer) cost += 20 * layer.parts.length + (layer.fill === 0 ? 0 : 1);
  if ("program" in layer) cost += total(layer.program.steps.map(costOfStep));
  if ("store" in layer && layer.store.kind !== "float32") cost += 2;
  if ("stride" in layer && layer.stride > 1) cost += 2;
  if ("groups" in layer) cost += 5 * (layer.groups - 1);
  if ("positions" in layer) cost += layer.positions - 1;
  if ("multiple" in layer && layer.multiple !== 0) cost += 5;
  return cost;
}

function costOfStep(step: FloatStep): number {
  return step.op === "constant" ? 5 + step.values.length : 5;
}

function costOfWindow({ kernel, strides, dilations, pads }: Window): number {
  return (
    3 * total([...kernel, ...strides, ...dilations].map((n) => n - 1)) +
    3 * total(Object.values(pads))
  );
}

function costOfRule(rule: Requantization): number {
  switch (rule.kind) {
    case "none":
      return 0;
    case "thresholds":
      return 10 + 2 * rule.thresholds.length + unlike(rule.base, 0) + unlike(rule.step, 1);
    case "table":
      return 20 + rule.values.length;
    case "fixed-point": {
      const lists = [...rule.multipliers, rule.offsets, rule.low, rule.high];
      const bits = total(lists.map((list) => total(list.map((x) => Math.log2(1 + Math.abs(x))))));
      const codes = unlike(rule.base, 0) + unlike(rule.step, 1) + unlike(rule.tieBand, 0);
      return 20 + bits + rule.shift + codes;
    }
    default:
      return rule satisfies never;
  }
}

function unlike(value: number, plain: number): number {
  return value === plain ? 0 : 3;
}

function total(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((a, b) => a + b, 0);
}
