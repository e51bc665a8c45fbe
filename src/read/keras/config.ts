import { fail } from "../../diagnostics.js";
import { Fields, isList, type Json } from "../json.js";
import { LIMITS } from "../limits.js";
import { UnsupportedForm } from "../unsupported.js";
import { badConfig, kerasCycle, modelEnds, notAModel } from "./diagnostics.js";

/** A layer of the file, and the layers whose outputs it takes. */
export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Fields;
  readonly inputs: readonly string[];
}

/** The network as Keras describes it, Sequential or Functional, in an order in which it can run. */
export interface KerasModel {
  /** Keras' own shape of the input without the batch axis; null where the file does not say. */
  readonly inputShape: readonly (number | null)[] | null;
  readonly layers: readonly KerasLayer[];
  /** All layers in the order of the file, which files of weights may count by. */
  readonly listed: readonly KerasLayer[];
  readonly output: string;
}

/**
 * The model that a configuration describes: of Keras 2 or 3, in any of their forms.
 *
 * @throws DiagnosticError `read/keras-config`, `read/keras-model`, `read/cycle`, `read/several-...`
 */
export function modelOf(json: Json): KerasModel {
  try {
    const root = Fields.of(json, "configuration");
    const kind = root.text("class_name");
    if (kind === "Sequential") return sequential(root);
    if (kind === "Functional" || kind === "Model") return functional(root.fields("config"));
    return fail(notAModel(kind));
  } catch (error) {
    if (error instanceof UnsupportedForm) return fail(badConfig(error.reason));
    throw error;
  }
}

/** A chain. The oldest files have the list of layers in place of the configuration. */
function sequential(root: Fields): KerasModel {
  const config = root.raw("config");
  const list = isList(config) ? config : Fields.of(config, "config").list("layers");
  const chain: KerasLayer[] = [];
  for (const [i, item] of list.entries()) {
    const before = chain.at(-1);
    chain.push(layerOf(item, i, before === undefined ? [] : [before.name]));
  }
  const built = isList(config) ? undefined : Fields.of(config, "config").raw("build_input_shape");
  return arranged(chain, chain.at(-1)?.name ?? "", shapeOf(built));
}

function functional(config: Fields): KerasModel {
  const layers = config.list("layers").map((item, i) => {
    const nodes = Fields.of(item, "layer").raw("inbound_nodes");
    const calls = isList(nodes) ? nodes : [];
    const layer = layerOf(item, i, calls.flatMap(namesIn));
    if (calls.length > 1) {
      throw new UnsupportedForm(`uses the layer ${layer.name} ${calls.length} times`);
    }
    return layer;
  });
  const inputs = namesIn(config.raw("input_layers") ?? null);
  const outputs = namesIn(config.raw("output_layers") ?? null);
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || output === undefined || inputs.length + outputs.length > 2) {
    return fail(modelEnds(inputs, outputs));
  }
  return arranged(layers, output, null);
}

/**
 * Names of the layers that a call, or a list of ends, refers to: `["name", 0, 0, ...]` in Keras 2, an
 * object with `keras_history` in Keras 3, nested as the arguments are.
 */
function namesIn(value: Json): string[] {
  if (value === null || typeof value !== "object") return [];
  if (!isList(value)) {
    const history = value.class_name === "__keras_tensor__" && value.config;
    if (history && typeof history === "object" && !isList(history)) {
      return namesIn(history.keras_history ?? null);
    }
    return Object.values(value).flatMap(namesIn);
  }
  const [name, node, tensor, more] = value;
  if (typeof name === "string" && typeof node === "number" && typeof tensor === "number") {
    return [name, ...(more === undefined ? [] : namesIn(more))];
  }
  return value.flatMap(namesIn);
}

function layerOf(item: Json, index: number, inputs: readonly string[]): KerasLayer {
  const fields = Fields.of(item, "layer");
  const className = fields.text("class_name");
  const config = fields.raw("config") === undefined ? new Fields({}) : fields.fields("config");
  const name = config.text("name", fields.text("name", `${className}_${index}`));
  return { className, name, config, inputs };
}

/** Sorted depth first, with a stack of its own. Layers that the output does not need fall away. */
function arranged(
  layers: readonly KerasLayer[],
  output: string,
  built: KerasModel["inputShape"],
): KerasModel {
  if (layers.length > LIMITS.entries) throw new UnsupportedForm(`has ${layers.length} layers`);
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size < layers.length) throw new UnsupportedForm("has two layers of the same name");
  const find = (name: string): KerasLayer => {
    const layer = byName.get(name);
    if (layer === undefined) throw new UnsupportedForm(`refers to a layer ${name} that it lacks`);
    return layer;
  };
  const state = new Map<string, "open" | "done">();
  const sorted: KerasLayer[] = [];
  const path = [{ layer: find(output), next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    state.set(top.layer.name, "open");
    const name = top.layer.inputs[top.next++];
    if (name === undefined) {
      state.set(top.layer.name, "done");
      sorted.push(top.layer);
      path.pop();
    } else if (state.get(name) === "open") {
      fail(kerasCycle([...path.map(({ layer }) => layer.name), name]));
    } else if (state.get(name) === undefined) {
      path.push({ layer: find(name), next: 0 });
    }
  }
  const first = sorted[0]?.config;
  const declared = shapeOf(first?.raw("batch_input_shape") ?? first?.raw("batch_shape"));
  return { inputShape: declared ?? built, layers: sorted, listed: layers, output };
}

/** A shape without its batch axis. */
function shapeOf(value: Json | undefined): (number | null)[] | null {
  // Functional models of one input may have its shape in a list.
  const list = isList(value) && value.length === 1 && isList(value[0]) ? value[0] : value;
  if (!isList(list) || list.length < 2) return null;
  return list.slice(1).map((extent) => (typeof extent === "number" ? extent : null));
}
