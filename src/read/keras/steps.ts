import type { Constant } from "../../graph/types.js";
import { addActivation } from "../layers/nodes.js";
import type { Step } from "./activations.js";
import { asPlain, type KerasTensor } from "./tensor.js";
import type { LayerView } from "./view.js";

/** Emits the steps of an activation. */
export function activated(view: LayerView, x: KerasTensor, steps: readonly Step[]): KerasTensor {
  return steps.reduce((current, step) => addStep(view, current, step), x);
}

function addStep(view: LayerView, x: KerasTensor, step: Step): KerasTensor {
  const { graph, origin } = view;
  const { shape } = x.flow;
  const info = { shape, type: "real" } as const;
  switch (step.kind) {
    case "clip": {
      const { low, high } = step;
      const node = { kind: "clip", origin, input: x.flow.name, low, high } as const;
      return { ...x, flow: graph.emit(node, info) };
    }
    case "unary": {
      const node = { kind: "unary", origin, input: x.flow.name, function: step.function } as const;
      return { ...x, flow: graph.emit(node, info) };
    }
    case "softmax":
    case "sigmoid": {
      // At the end it is left to the caller.
      if (step.kind === "sigmoid" && !view.isLast) {
        return addStep(view, x, { kind: "unary", function: { name: "sigmoid" } });
      }
      const plain = asPlain(graph, x, origin);
      const axis = plain.shape.length - 1;
      const node = { kind: step.kind, origin, input: plain.flow.name, axis } as const;
      return { ...plain, flow: graph.emit(node, { shape: plain.shape, type: "real" }) };
    }
    case "affine": {
      const scaled = scaleBy(x, step.factor, "mul");
      return scaleBy(scaled, step.offset, "add");
    }
    case "quantize":
      return { ...x, flow: addActivation(graph, x.flow, step.activation, origin) };
    default:
      return step satisfies never;
  }

  function scaleBy(y: KerasTensor, value: number, operation: "mul" | "add"): KerasTensor {
    const scalar: Constant = { shape: [], data: Float32Array.of(value) };
    const constant = graph.constant(`${origin.name}.${operation}`, scalar);
    const input = y.flow.name;
    const node = { kind: "arithmetic", origin, input, operation, constant } as const;
    return { ...y, flow: graph.emit({ ...node, constantFirst: false }, info) };
  }
}
