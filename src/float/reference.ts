import type { ModelFile } from "../compile.js";
import type { Graph } from "../graph/types.js";
import { looksLikeOnnx } from "../read/format.js";
import { createEvaluator, type Precision } from "./evaluate.js";
import { openRuntime } from "./runtime.js";

/** Something that runs the float model. */
export interface FloatReference {
  /** What it is, with its version. */
  readonly name: string;
  /** Why it is tritc's own evaluator and no independent runtime; null where it is one. */
  readonly why: string | null;
  /** One input in the model's own order, to what the model's head, if it has one, chooses from. */
  run(input: ArrayLike<number>): Promise<Float64Array>;
}

const OWN = "tritc's float32 evaluator";

/**
 * onnxruntime-web for ONNX models that it takes, otherwise tritc's own evaluator in float32.
 * Throws `tool/runtime-missing`.
 */
export async function openReference(model: ModelFile, graph: Graph): Promise<FloatReference> {
  if (!looksLikeOnnx(model.bytes)) {
    return { name: OWN, why: "no runtime reads this format", run: ownRunner(graph, "float32") };
  }
  const runtime = await openRuntime(model, graph, scoresOf(graph));
  if ("refused" in runtime) {
    const why = `onnxruntime-web does not run this model (${runtime.refused})`;
    return { name: OWN, why, run: ownRunner(graph, "float32") };
  }
  return { name: `onnxruntime-web ${runtime.version}`, why: null, run: runtime.run };
}

/** The evaluator as a reference. */
export function ownRunner(graph: Graph, precision: Precision): FloatReference["run"] {
  const { run, values } = createEvaluator(graph, precision);
  const output = scoresOf(graph);
  return async (input) => {
    run(input);
    return Float64Array.from(values.get(output) ?? []);
  };
}

/** The tensor that the model's last node chooses from or squashes, or its output where none does. */
export function scoresOf({ nodes, output }: Graph): string {
  const last = nodes.find((node) => node.output === output);
  switch (last?.kind) {
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
    case "argMax":
    case "topK":
      return last.input;
    default:
      return output;
  }
}
