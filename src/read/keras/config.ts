import { fail } from "../../diagnostics.js";
import { Fields, isList, type Json } from "../json.js";
import { LIMITS } from "../limits.js";
import { UnsupportedForm } from "../unsupported.js";
import { badConfig, kerasCycle, modelEnds, notAModel } from "./diagnostics.js";

/** A layer of the file, and the layers whose outputs it takes. */
export interface KerasLayer {
  readonly className: string;
  /** Of a layer in a model inside the model, behind that model's name and a slash. */
  readonly name: string;
  /** The group that files of weights count it by: its class, `_1` and so on for later ones. */
  readonly group: string;
  readonly config: Fields;
  readonly inputs: readonly string[];
}

/** The network as Keras describes it, Sequential or Functional, in an order in which it can run. */
export interface KerasModel {
  /** Keras' own shape of the input without the batch axis; null where the file does not say. */
  readonly inputShape: readonly (number | null)[] | null;
  readonly layers: readonly KerasLayer[];
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
    return isModel(kind) ? arranged(described(root, kind, 0)) : fail(notAModel(kind));
  } catch (error) {
    if (error instanceof UnsupportedForm) return fail(badConfig(error.reason));
    throw error;
  }
}

const MODELS = ["Sequential", "Functional", "Model"] as const;
type ModelKind = (typeof MODELS)[number];

function isModel(className: string): className is ModelKind {
  return MODELS.some((kind) => kind === className);
}

/** A model as its configuration lists its layers. */
interface Described {
  readonly layers: readonly KerasLayer[];
  readonly output: string;
  /** The input's shape, where it is known without the layers. */
  readonly built: KerasModel["inputShape"];
}

/** Models may be so deep inside models. */
const DEEPEST = 32;

function described(root: Fields, kind: ModelKind, depth: number): Described {
  if (depth > DEEPEST) throw new UnsupportedForm(`has models ${DEEPEST} deep inside models`);
  return kind === "Sequential" ? sequential(root, depth) : functional(root.fields("config"), depth);
}

/** A chain. The oldest files have the list of layers in place of the configuration. */
function sequential(root: Fields, depth: number): Described {
  const config = root.raw("config");
  const list = isList(config) ? config : Fields.of(config, "config").list("layers");
  const groups = new Groups();
  const parts: Described[] = [];
  for (const [i, item] of list.entries()) {
    const before = parts.at(-1);
    parts.push(
      layersOf(layerOf(item, i, before === undefined ? [] : [before.output], groups), item, depth),
    );
  }
  const built = isList(config) ? undefined : Fields.of(config, "config").raw("build_input_shape");
  const layers = parts.flatMap((part) => part.layers);
  return { layers, output: parts.at(-1)?.output ?? "", built: shapeOf(built) };
}

function functional(config: Fields, depth: number): Described {
  // Calls name a model inside this one; what they take is what its last layer makes.
  const ends = new Map<string, string>();
  const groups = new Groups();
  const layers = config.list("layers").flatMap((item, i) => {
    const nodes = Fields.of(item, "layer").raw("inbound_nodes");
    const calls = isList(nodes) ? nodes : [];
    const layer = layerOf(item, i, calls.flatMap(namesIn), groups);
    if (calls.length > 1) {
      throw new UnsupportedForm(`uses the layer ${layer.name} ${calls.length} times`);
    }
    const part = layersOf(layer, item, depth);
    ends.set(layer.name, part.output);
    return part.layers;
  });
  const inputs = namesIn(config.raw("input_layers") ?? null);
  const outputs = namesIn(config.raw("output_layers") ?? null);
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || output === undefined || inputs.length + outputs.length > 2) {
    return fail(modelEnds(inputs, outputs));
  }
  const end = (name: string): string => ends.get(name) ?? name;
  const joined = layers.map((layer) => ({ ...layer, inputs: layer.inputs.map(end) }));
  return { layers: joined, output: end(output), built: null };
}

/** The layer, or in place of a model inside the model its layers, under the names of both. */
function layersOf(layer: KerasLayer, item: Json, depth: number): Described {
  if (!isModel(layer.className)) return { layers: [layer], output: layer.name, built: null };
  const inner = described(Fields.of(item, "layer"), layer.className, depth + 1);
  const inside = (name: string): string => `${layer.name}/${name}`;
  const layers = inner.layers.map((own) => ({
    ...own,
    name: inside(own.name),
    group: `${layer.group}/layers/${own.group}`,
    inputs: own.inputs.length === 0 ? layer.inputs : own.inputs.map(inside),
  }));
  return { layers, output: inside(inner.output), built: inner.built };
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

/** Counts the layers of one model by class. */
class Groups {
  private readonly counts = new Map<string, number>();

  of(className: string): string {
    const group = snakeCase(className.replace(/^.*>/, ""));
    const count = this.counts.get(group) ?? 0;
    this.counts.set(group, count + 1);
    return count === 0 ? group : `${group}_${count}`;
  }
}

/** As Keras 2 makes names of classes: `QuantConv2D` is quant_conv2d. */
function snakeCase(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function layerOf(item: Json, index: number, inputs: readonly string[], groups: Groups): KerasLayer {
  const fields = Fields.of(item, "layer");
  const className = fields.text("class_name");
  const config = fields.raw("config") === undefined ? new Fields({}) : fields.fields("config");
  const name = config.text("name", fields.text("name", `${className}_${index}`));
  return { className, name, group: groups.of(className), config, inputs };
}

/** Sorted depth first, with a stack of its own. Layers that the output does not need fall away. */
function arranged({ layers, output, built }: Described): KerasModel {
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
  return { inputShape: declared ?? built, layers: sorted, output };
}

/** A shape without its batch axis. */
function shapeOf(value: Json | undefined): (number | null)[] | null {
  // Functional models of one input may have its shape in a list.
  const list = isList(value) && value.length === 1 && isList(value[0]) ? value[0] : value;
  if (!isList(list) || list.length < 2) return null;
  return list.slice(1).map((extent) => (typeof extent === "number" ? extent : null));
}
