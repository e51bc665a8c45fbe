import onnxProto, { type onnx } from "onnx-proto";
import type { InferenceSession, Tensor } from "onnxruntime-web";
import type { ModelFile } from "../compile.js";
import { fail } from "../diagnostics.js";
import { sizeOf } from "../graph/nodes.js";
import type { Graph } from "../graph/types.js";
import { runtimeMissing } from "./diagnostics.js";
import { standardNodes } from "./standard.js";

/** A model in onnxruntime-web, every operator as the file has it. */
export interface Runtime {
  readonly version: string;
  /** One input in the model's own order, to the elements of the tensor that was asked for. */
  run(input: ArrayLike<number>): Promise<Float64Array>;
}

/** Why the runtime does not run a model, in its own words. */
export interface Refusal {
  readonly refused: string;
}

/**
 * Opens an ONNX model in onnxruntime-web, whose graph optimisations are off: by default it rewrites
 * float weights that are ternary. Throws `tool/runtime-missing` where the package is not installed.
 *
 * @param output name of the tensor to give; one of the file's
 */
export async function openRuntime(
  model: ModelFile,
  graph: Graph,
  output: string,
): Promise<Runtime | Refusal> {
  const ort = await loadPackage();
  ort.env.logLevel = "fatal";
  ort.env.wasm.numThreads = 1;
  const proto = onnxProto.onnx.ModelProto.decode(model.bytes);
  const { graph: nodes } = proto;
  if (!nodes || !makes(nodes, output)) return { refused: `the file has no tensor "${output}"` };
  nodes.node = standardNodes(nodes, (name) => graph.tensors.get(name)?.shape.length);
  nodes.output = [nodes.output?.find(({ name }) => name === output) ?? { name: output }];
  try {
    const session = await ort.InferenceSession.create(
      onnxProto.onnx.ModelProto.encode(proto).finish(),
      {
        executionProviders: ["wasm"],
        graphOptimizationLevel: "disabled",
        externalData: externalFiles(nodes, model),
        logSeverityLevel: 4,
      },
    );
    return {
      version: ort.env.versions.web ?? ort.env.versions.common,
      run: runner(ort, session, graph),
    };
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

/** Only a runtime that can be loaded compares anything: the package is optional and large. */
async function loadPackage() {
  try {
    return await import("onnxruntime-web");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      return fail(runtimeMissing());
    }
    throw error;
  }
}

type Ort = Awaited<ReturnType<typeof loadPackage>>;

function makes({ node }: onnx.IGraphProto, tensor: string): boolean {
  return node?.some(({ output }) => output?.includes(tensor)) ?? false;
}

function externalFiles({ initializer }: onnx.IGraphProto, model: ModelFile) {
  const places = (initializer ?? []).flatMap(
    ({ externalData }) => externalData?.find(({ key }) => key === "location")?.value ?? [],
  );
  return [...new Set(places)].map((path) => ({
    path,
    data: model.external(path) ?? new Uint8Array(),
  }));
}

/** The runtime throws numbers and strings as well as errors. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}

function runner(ort: Ort, session: InferenceSession, graph: Graph): Runtime["run"] {
  const shape = graph.tensors.get(graph.input)?.shape ?? [];
  const info = session.inputMetadata.find(({ name }) => name === graph.input);
  if (info === undefined || !info.isTensor || session.inputNames.length !== 1) {
    throw new Error(`it wants the inputs ${session.inputNames.join(", ")}`);
  }
  // A batch that the file fixes is filled with the same input.
  const [first] = info.shape;
  const copies = typeof first === "number" && first > 1 && shape[0] === 1 ? first : 1;
  const dims = copies === 1 ? shape : [copies, ...shape.slice(1)];
  const size = sizeOf(shape);
  return async (input) => {
    const values = Float64Array.from({ length: copies * size }, (_, i) => input[i % size] ?? 0);
    const results = await session.run({ [graph.input]: tensorOf(ort, info.type, values, dims) });
    const [name = ""] = session.outputNames;
    const data = results[name]?.data ?? [];
    const numbers = Float64Array.from(data, Number);
    return numbers.subarray(0, numbers.length / copies);
  };
}

function tensorOf(
  { Tensor }: Ort,
  type: Tensor.Type,
  values: Float64Array,
  dims: readonly number[],
): Tensor {
  switch (type) {
    case "float32":
      return new Tensor(type, Float32Array.from(values), dims);
    case "float64":
      return new Tensor(type, values, dims);
    case "int8":
      return new Tensor(type, Int8Array.from(values), dims);
    case "uint8":
      return new Tensor(type, Uint8Array.from(values), dims);
    case "int16":
      return new Tensor(type, Int16Array.from(values), dims);
    case "uint16":
      return new Tensor(type, Uint16Array.from(values), dims);
    case "int32":
      return new Tensor(type, Int32Array.from(values), dims);
    case "int64":
      return new Tensor(type, BigInt64Array.from(values, BigInt), dims);
    default:
      throw new Error(`its input is of type ${type}`);
  }
}
