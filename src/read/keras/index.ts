import { type Diagnostic, DiagnosticError, fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import {
  damagedFile,
  nodeLabel,
  tooLargeFile,
  type Unsupported,
  unsupportedOperators,
} from "../diagnostics.js";
import { type Hdf5Tree, readHdf5 } from "../hdf5/index.js";
import type { Json } from "../json.js";
import { parseJson } from "../json.js";
import { Assembly } from "../layers/assembly.js";
import { LIMITS } from "../limits.js";
import { demandSize } from "../onnx/tensor.js";
import type { ReadResult } from "../result.js";
import { UnsupportedForm } from "../unsupported.js";
import type { Archive } from "../zip.js";
import { type KerasLayer, type KerasModel, modelOf } from "./config.js";
import { noConfig, noInputShape, noWeightFile, openInput } from "./diagnostics.js";
import { ALTERNATIVES, LAYERS } from "./layers.js";
import { besideOf, weightsBesideOf } from "./names.js";
import { asPlain, type KerasTensor, withZeros } from "./tensor.js";
import { LayerView } from "./view.js";
import { type FindWeights, weightsIn } from "./weights.js";

/** Bytes of a file beside the model; undefined if there is none of that name. */
export type LoadBeside = (name: string) => Uint8Array | undefined;

/** The optimiser's state may be twice the weights. */
const SKIPPED = ["optimizer_weights", "optimizer"];

/** A model in HDF5, or weights whose architecture is beside them. @throws DiagnosticError */
export function readKerasHdf5(bytes: Uint8Array, file: string, load: LoadBeside): ReadResult {
  const tree = readHdf5(bytes, SKIPPED);
  const own = tree.groups.get("")?.model_config;
  const text = typeof own === "string" ? own : architectureBeside(file, load);
  return kerasNetwork(jsonOf(text), tree);
}

/** A `.keras` archive. @throws DiagnosticError */
export function readKerasArchive(archive: Archive): ReadResult {
  const config = archive.contents("config.json");
  const weights = archive.contents("model.weights.h5");
  if (config === undefined || weights === undefined) {
    return fail(damagedFile(".keras file", "it lacks config.json or model.weights.h5"));
  }
  return kerasNetwork(jsonOf(decode(config)), readHdf5(weights, SKIPPED));
}

/** The architecture in JSON, whose weights are beside it. @throws DiagnosticError */
export function readKerasJson(json: Json, file: string, load: LoadBeside): ReadResult {
  const names = weightsBesideOf(file);
  const weights = first(names, load) ?? fail(noWeightFile(names));
  return kerasNetwork(json, readHdf5(weights, SKIPPED));
}

function architectureBeside(file: string, load: LoadBeside): string {
  const names = besideOf(file);
  return decode(first(names, load) ?? fail(noConfig(names)));
}

function first(names: readonly string[], load: LoadBeside): Uint8Array | undefined {
  for (const name of names) {
    const bytes = load(name);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > LIMITS.jsonBytes) fail(tooLargeFile("the configuration", bytes.length));
  return new TextDecoder().decode(bytes);
}

function jsonOf(text: string): Json {
  return parseJson(text) ?? fail(damagedFile("Keras model", "its configuration is not JSON"));
}

/** The network of a configuration with the weights of an HDF5 file. @throws DiagnosticError */
export function kerasNetwork(json: Json, tree: Hdf5Tree): ReadResult {
  const model = modelOf(json);
  const graph = new Assembly();
  const shape = inputShape(model);
  const input = graph.input(inputName(model), { shape, type: "real" });
  const builder = new Builder(graph, weightsIn(tree), {
    flow: input,
    shape,
    image: false,
  });
  for (const layer of model.layers) builder.add(layer, layer.name === model.output);
  return { graph: graph.finish(input, builder.finish(model.output).flow), remarks: [] };
}

/** The input layer's own tensor takes its name. */
function inputName({ layers }: KerasModel): string {
  const [layer] = layers;
  return layer?.className === "InputLayer" ? layer.name : "input";
}

function inputShape({ inputShape: declared }: KerasModel): readonly number[] {
  if (declared === null) return fail(noInputShape());
  const shape = [1];
  for (const extent of declared) {
    if (extent === null || !Number.isSafeInteger(extent) || extent < 1) fail(openInput(declared));
    else shape.push(extent);
  }
  demandSize(shape, "input");
  return shape;
}

/** Adds layer by layer, and gathers what is wrong with any of them. */
class Builder {
  /** Null for a layer that could not be read, or that depends on one. */
  private readonly made = new Map<string, KerasTensor | null>();
  private readonly unsupported: Unsupported[] = [];
  private readonly others: Diagnostic[] = [];

  constructor(
    private readonly graph: Assembly,
    private readonly find: FindWeights,
    private readonly input: KerasTensor,
  ) {}

  add(layer: KerasLayer, isLast: boolean): void {
    const op = layer.className.replace(/^.*>/, "");
    const origin: Origin = { op, name: layer.name };
    const translate = Object.hasOwn(LAYERS, op) ? LAYERS[op] : undefined;
    if (translate === undefined) {
      const hint = Object.hasOwn(ALTERNATIVES, op) ? ALTERNATIVES[op] : undefined;
      this.unsupported.push({ origin, reason: "is not a layer that tritc reads", hint });
    }
    const inputs = layer.inputs.map((name) => this.made.get(name) ?? null);
    const known = inputs.filter((tensor) => tensor !== null);
    this.made.set(layer.name, null);
    if (translate === undefined || known.length < inputs.length) return;
    try {
      const tensors = layer.inputs.length === 0 ? [this.input] : known;
      const view = new LayerView(
        origin,
        layer.config,
        this.graph,
        tensors,
        this.find(layer),
        isLast,
      );
      this.made.set(layer.name, translate(view));
    } catch (error) {
      this.addProblem(error, origin);
    }
  }

  /** The output in Keras' own order. */
  finish(output: string): KerasTensor {
    const listed = this.unsupported.length === 0 ? [] : [unsupportedOperators(this.unsupported)];
    const all = [...listed, ...this.others];
    if (all.length > 0) throw new DiagnosticError(all);
    const tensor = this.made.get(output);
    if (tensor === null || tensor === undefined) throw new Error(`no layer made ${output}`);
    const origin = { op: "Output", name: output };
    return asPlain(this.graph, withZeros(this.graph, tensor, origin), origin);
  }

  private addProblem(error: unknown, origin: Origin): void {
    if (error instanceof UnsupportedForm) {
      const { reason, hint } = error;
      this.unsupported.push({ origin, reason, hint });
    } else if (error instanceof DiagnosticError) {
      const own = { node: nodeLabel(origin) };
      this.others.push(...error.diagnostics.map((d) => ({ ...d, where: { ...own, ...d.where } })));
    } else {
      throw error;
    }
  }
}
