import { DiagnosticError, fail } from "../../diagnostics.js";
import type { Constant, Graph, Origin } from "../../graph/types.js";
import { type NumberArray, parseNpy } from "../../io/npy.js";
import { Assembly, type Flow } from "../layers/assembly.js";
import { type Activation, addActivation, addDense, transposeInto } from "../layers/nodes.js";
import type { ReadResult } from "../result.js";
import type { Archive } from "../zip.js";
import { biasShape, brokenChain, notAMatrix, notTrits, npzArray } from "./diagnostics.js";
import { type LayerNames, layersOf } from "./names.js";

const SUFFIX = ".npy";

/** `x > 0 ? 1 : -1`. */
const SIGN: Activation = {
  quantizer: {
    kind: "thresholds",
    values: Float64Array.of(0),
    count: 1,
    axis: null,
    base: -1,
    step: 2,
    open: [true],
  },
  type: "int8",
  scale: 1,
  zero: 0,
};

/**
 * Reads a chain of dense ternary layers from a NumPy archive: weights [inputs, outputs] in
 * {-1, 0, 1}, biases [outputs] or none. The network is
 *
 *     x = sign(input);  for each layer: x = sign(x @ w + b);  sign(v) = v > 0 ? 1 : -1
 *
 * @throws DiagnosticError, `read/npz-names` where names do not say which array is what, and others
 */
export function readNpz(archive: Archive): ReadResult {
  const arrays = new Map(
    archive.names
      .filter((name) => name.endsWith(SUFFIX))
      .map((entry) => {
        const name = entry.slice(0, -SUFFIX.length);
        return [name, readArray(archive, entry, name)];
      }),
  );
  const arrayOf = (name: string): NumberArray =>
    arrays.get(name) ?? fail(npzArray(name, "it is not there"));
  const layers = layersOf([...arrays.keys()], (name) => arrayOf(name).shape.length);
  return { graph: chain(layers, arrayOf), remarks: [] };
}

function readArray(archive: Archive, entry: string, name: string): NumberArray {
  try {
    return parseNpy(archive.contents(entry) ?? new Uint8Array(), name);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    // The array is part of a model here, not an argument of the user's.
    const [first] = error.diagnostics.filter(({ code }) => code.startsWith("usage/"));
    if (first === undefined) throw error;
    return fail(npzArray(name, first.message));
  }
}

function chain(layers: readonly LayerNames[], arrayOf: (name: string) => NumberArray): Graph {
  const graph = new Assembly();
  const inputs = layers[0] === undefined ? 0 : matrixOf(layers[0].weight, arrayOf)[0];
  const input = graph.input("input", { shape: [1, inputs], type: "real" });
  let x = addActivation(graph, input, SIGN, { op: "sign", name: "input_sign" });
  let before = "the input";
  for (const { weight, bias } of layers) {
    x = addLayer(graph, x, { weight, bias, before }, arrayOf);
    before = weight;
  }
  return graph.finish(input, x);
}

function addLayer(
  graph: Assembly,
  x: Flow,
  { weight, bias, before }: LayerNames & { readonly before: string },
  arrayOf: (name: string) => NumberArray,
): Flow {
  const [inputs, outputs] = matrixOf(weight, arrayOf);
  const width = x.shape.at(-1) ?? 0;
  if (inputs !== width) fail(brokenChain(weight, [inputs, outputs], before, width));
  const constants = {
    weight: tritsOf(weight, arrayOf(weight), [inputs, outputs]),
    bias: bias === null ? null : biasOf(bias, arrayOf(bias), outputs),
  };
  const origin: Origin = { op: "dense", name: weight };
  const sums = addDense(graph, x, constants, origin);
  return addActivation(graph, sums, SIGN, { op: "sign", name: `${weight}_sign` });
}

function matrixOf(name: string, arrayOf: (name: string) => NumberArray): [number, number] {
  const { shape } = arrayOf(name);
  const [inputs, outputs] = shape;
  if (shape.length !== 2 || inputs === undefined || outputs === undefined) {
    return fail(notAMatrix(name, shape));
  }
  return inputs * outputs === 0 ? fail(npzArray(name, "it is empty")) : [inputs, outputs];
}

/** Weights [inputs, outputs] of the file as a Graph's [outputs, inputs]. */
function tritsOf(
  name: string,
  { data }: NumberArray,
  [inputs, outputs]: readonly [number, number],
): Constant {
  const strange = data.findIndex((w) => w !== 0 && Math.abs(w) !== 1);
  if (strange >= 0) {
    const row = Math.floor(strange / outputs);
    fail(notTrits(name, data[strange] ?? 0, row, strange - row * outputs));
  }
  const integers = new Int32Array(data.length);
  transposeInto(integers, data, inputs, outputs);
  return {
    shape: [outputs, inputs],
    data: Float32Array.from(integers),
    grid: { integers, scales: Float32Array.of(1), axis: null },
  };
}

function biasOf(name: string, { shape, data }: NumberArray, outputs: number): Constant {
  const isRow = shape.slice(0, -1).every((extent) => extent === 1) && shape.at(-1) === outputs;
  if (!isRow) fail(biasShape(name, shape, outputs));
  return { shape: [outputs], data: Float64Array.from(data) };
}
