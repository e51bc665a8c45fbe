import type { Hdf5Tree } from "../hdf5/index.js";
import type { KerasLayer } from "./config.js";

/** An array of the file in Keras' own order of axes. */
export interface KerasArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** The arrays of one layer by role: `kernel`, `bias`, `gamma`, ... */
export type LayerWeights = ReadonlyMap<string, KerasArray>;

/** Finds a layer's arrays in a file of weights. */
export type FindWeights = (layer: KerasLayer) => LayerWeights;

/**
 * Files of Keras 1 to 3 (`.h5`): a group for each layer, named after it, whose attribute
 * `weight_names` lists its arrays. Those of Keras 3 (`.weights.h5`, and inside `.keras`): a group
 * whose `vars` are numbered in the order in which the layer made them, and carry its name; before
 * Keras 3 they did not, and the group was that of its class, counted.
 */
export function weightsIn(tree: Hdf5Tree, listed: readonly KerasLayer[]): FindWeights {
  const root = tree.groups.has("model_weights") ? "model_weights/" : "";
  const named = new Map<string, string>();
  for (const [path, attributes] of tree.groups) {
    const isOwn = /^(layers|_layer_checkpoint_dependencies)\/[^/]+\/vars$/.test(path);
    if (isOwn && typeof attributes.name === "string") named.set(attributes.name, path);
  }
  if (named.size === 0)
    for (const [name, path] of countedGroups(tree, listed)) named.set(name, path);
  return (layer) => {
    const vars = named.get(layer.name);
    return vars === undefined ? byName(tree, `${root}${layer.name}`) : byNumber(tree, vars, layer);
  };
}

/** Groups by class: `dense`, `dense_1`, ... in the order of the layers. */
function countedGroups(tree: Hdf5Tree, listed: readonly KerasLayer[]): [string, string][] {
  const root = ["layers", "_layer_checkpoint_dependencies"].find((name) => tree.groups.has(name));
  if (root === undefined) return [];
  const counts = new Map<string, number>();
  return listed.map(({ className, name }) => {
    const group = snakeCase(className.replace(/^.*>/, ""));
    const count = counts.get(group) ?? 0;
    counts.set(group, count + 1);
    return [name, `${root}/${group}${count === 0 ? "" : `_${count}`}/vars`];
  });
}

/** As Keras 2 makes names of classes: `QuantConv2D` is quant_conv2d. */
function snakeCase(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function byName(tree: Hdf5Tree, group: string): LayerWeights {
  const found = new Map<string, KerasArray>();
  for (const [path, dataset] of tree.datasets) {
    if (!path.startsWith(`${group}/`) || dataset.kind !== "numbers") continue;
    const last = path.slice(path.lastIndexOf("/") + 1).replace(/:\d+$/, "");
    found.set(last, dataset);
  }
  return found;
}

function byNumber(tree: Hdf5Tree, vars: string, layer: KerasLayer): LayerWeights {
  const found = new Map<string, KerasArray>();
  for (const [index, role] of rolesOf(layer).entries()) {
    const dataset = tree.datasets.get(`${vars}/${index}`);
    if (dataset?.kind === "numbers") found.set(role, dataset);
  }
  return found;
}

/** A layer's arrays in the order in which its `build` makes them. */
function rolesOf({ className, config }: KerasLayer): readonly string[] {
  const kind = className.replace(/^.*>/, "");
  const bias = config.flag("use_bias", true) ? ["bias"] : [];
  if (kind.endsWith("BatchNormalization")) {
    const scale = config.flag("scale", true) ? ["gamma"] : [];
    const center = config.flag("center", true) ? ["beta"] : [];
    return [...scale, ...center, "moving_mean", "moving_variance"];
  }
  if (kind.includes("Separable")) return ["depthwise_kernel", "pointwise_kernel", ...bias];
  if (kind.includes("Depthwise")) return ["depthwise_kernel", ...bias];
  if (kind === "PReLU") return ["alpha"];
  return ["kernel", ...bias];
}
