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
 * Keras 3 they did not, and the group was that of its class, counted. Models inside models have
 * groups of their own in all of them.
 */
export function weightsIn(tree: Hdf5Tree): FindWeights {
  const root = tree.groups.has("model_weights") ? "model_weights/" : "";
  const containers = ["layers", "_layer_checkpoint_dependencies"];
  const numbered = containers.find((name) => tree.groups.has(name));
  const named = numbered === undefined ? new Map<string, string>() : namedGroups(tree, numbered);
  return (layer) => {
    if (numbered === undefined) return byName(tree, root, layer.name);
    const counted = named.size === 0 ? `${numbered}/${layer.group}/vars` : undefined;
    const vars = named.get(layer.name) ?? counted;
    return vars === undefined ? byName(tree, root, layer.name) : byNumber(tree, vars, layer);
  };
}

/** The `vars` of each layer by its name, with the names of the models that it is in before it. */
function namedGroups(tree: Hdf5Tree, container: string): Map<string, string> {
  const named = new Map<string, string>();
  for (const path of tree.groups.keys()) {
    const parts = path.split("/");
    const isOwn = parts[0] === container && parts.at(-1) === "vars" && parts.length % 2 === 1;
    if (!isOwn || !parts.slice(2, -1).every((part, i) => i % 2 === 1 || part === "layers"))
      continue;
    const names: string[] = [];
    for (let end = 2; end < parts.length; end += 2) {
      const name = tree.groups.get(`${parts.slice(0, end).join("/")}/vars`)?.name;
      if (typeof name === "string") names.push(name);
    }
    if (2 * names.length === parts.length - 1) named.set(names.join("/"), path);
  }
  return named;
}

/** Keras 3 repeats the name of some models inside models before those of their layers. */
function byName(tree: Hdf5Tree, root: string, name: string): LayerWeights {
  const [first = "", ...more] = name.split("/");
  // A layer's own name may have slashes too.
  const whole = `${root}${name}/`;
  const inner = more.length === 0 ? null : `/${more.join("/")}`;
  const found = new Map<string, KerasArray>();
  for (const [path, dataset] of tree.datasets) {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const isInner = inner !== null && path.startsWith(`${root}${first}/`) && parent.endsWith(inner);
    if ((!path.startsWith(whole) && !isInner) || dataset.kind !== "numbers") continue;
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
