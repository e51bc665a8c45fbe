import { createEvaluator, type FloatArray } from "../float/evaluate.js";
import { inputsOf } from "../graph/nodes.js";
import type {
  Constant,
  ConvNode,
  ConvTransposeNode,
  DenseNode,
  Graph,
  GraphNode,
} from "../graph/types.js";
import type { ModelInputs } from "../simulate/batch.js";

type Product = ConvNode | ConvTransposeNode | DenseNode;

/** All tensors of all these inputs that are still read lie in memory at once. */
const MOST_INPUTS = 64;

/** A shift below this share of a channel's root mean square is lost in the noise of 8 bits. */
const LEAST_SHARE = 1e-3;

/**
 * Bias correction (Nagel et al. 2019, "Data-free quantization through weight equalization and bias
 * correction", section 4.2, here from data): where few levels stand for many small values, or a range
 * clips, rounding errors do not cancel, and sums of hundreds of them are off by the same amount for
 * every input. Product by product in the order of execution, those before it corrected already, the
 * mean difference from the float model is measured for each channel and taken into its bias.
 *
 * @returns the calibrated Graph with those biases, and how many channels got one
 */
export function correctShifts(
  original: Graph,
  calibrated: Graph,
  inputs: ModelInputs,
): { graph: Graph; corrected: number } {
  const samples = samplesOf(inputs);
  const wanted = meansOf(original, samples);
  const constants = new Map(calibrated.constants);
  const lockstep = new Lockstep(calibrated, samples);
  let corrected = 0;
  const nodes = calibrated.nodes.map((node) => {
    const tensors = lockstep.step(node);
    const means = wanted.get(node.output);
    if (!isProduct(node) || means === undefined) return node;
    const found = new Means(means.channels, means.inner);
    for (const tensor of tensors) found.add(tensor);
    const shifts = means.list.map((mean, c) => {
      const shift = mean.value - (found.list[c]?.value ?? 0);
      return Math.abs(shift) > LEAST_SHARE * mean.root ? shift : 0;
    });
    const count = shifts.filter((shift) => shift !== 0).length;
    if (count === 0) return node;
    corrected += count;
    for (const tensor of tensors) found.shift(tensor, shifts);
    const bias = `${node.output}.corrected_bias`;
    constants.set(bias, withShifts(constants.get(node.bias ?? ""), shifts));
    return { ...node, bias };
  });
  return { graph: { ...calibrated, nodes, constants }, corrected };
}

function isProduct(node: GraphNode): node is Product {
  return node.kind === "conv" || node.kind === "convTranspose" || node.kind === "dense";
}

function withShifts(bias: Constant | undefined, shifts: readonly number[]): Constant {
  const data = Float32Array.from(shifts, (shift, c) => (bias?.data[c] ?? 0) + shift);
  return { shape: [data.length], data };
}

/** At most so many inputs, evenly spaced. */
function samplesOf({ count, data }: ModelInputs): Float32Array[] {
  const size = data.length / count;
  const kept = Math.min(count, MOST_INPUTS);
  return Array.from({ length: kept }, (_, i) => {
    const at = Math.floor((i * count) / kept) * size;
    return Float32Array.from(data.subarray(at, at + size));
  });
}

/** Means over inputs and places of what each product of the float model gives, by its output's name. */
function meansOf(graph: Graph, samples: readonly Float32Array[]): Map<string, Means> {
  const { run, values } = createEvaluator(graph, "float32");
  const means = new Map<string, Means>();
  for (const node of graph.nodes) {
    const shape = graph.tensors.get(node.output)?.shape ?? [];
    const axis = node.kind === "dense" ? shape.length - 1 : 1;
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    if (isProduct(node)) means.set(node.output, new Means(shape[axis] ?? 1, inner));
  }
  for (const sample of samples) {
    run(sample);
    for (const [name, mean] of means) mean.add(values.get(name) ?? new Float32Array());
  }
  return means;
}

/** Means and root mean squares of the channels of a tensor, whose elements lie `inner` apart. */
class Means {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private added = 0;

  constructor(
    readonly channels: number,
    readonly inner: number,
  ) {
    this.sums = new Float64Array(channels);
    this.squares = new Float64Array(channels);
  }

  add(values: FloatArray): void {
    for (const [i, value] of values.entries()) {
      const c = this.channelOf(i);
      this.sums[c] = (this.sums[c] ?? 0) + value;
      this.squares[c] = (this.squares[c] ?? 0) + value ** 2;
    }
    this.added += values.length / this.channels;
  }

  shift(values: FloatArray, shifts: readonly number[]): void {
    for (const [i, value] of values.entries()) values[i] = value + (shifts[this.channelOf(i)] ?? 0);
  }

  get list(): { readonly value: number; readonly root: number }[] {
    return Array.from(this.sums, (sum, c) => ({
      value: sum / this.added,
      root: Math.sqrt((this.squares[c] ?? 0) / this.added),
    }));
  }

  private channelOf(i: number): number {
    return Math.floor(i / this.inner) % this.channels;
  }
}

/** Runs a Graph on several inputs at once, node by node. */
class Lockstep {
  private readonly evaluator;
  private readonly kept: Map<string, FloatArray>[];
  private readonly lastReaders = new Map<string, string>();

  constructor(graph: Graph, samples: readonly Float32Array[]) {
    this.evaluator = createEvaluator(graph, "float32");
    this.kept = samples.map((sample) => new Map([[graph.input, sample]]));
    for (const node of graph.nodes) {
      for (const name of inputsOf(node)) this.lastReaders.set(name, node.output);
    }
  }

  /** The node's output for each input; changing them changes what later nodes read. */
  step(node: GraphNode): FloatArray[] {
    const read = inputsOf(node);
    const { output } = node;
    const { values, step } = this.evaluator;
    return this.kept.map((tensors) => {
      for (const name of read) values.get(name)?.set(tensors.get(name) ?? []);
      step(output);
      const made = values.get(output)?.slice() ?? new Float32Array();
      tensors.set(output, made);
      for (const name of read) if (this.lastReaders.get(name) === output) tensors.delete(name);
      return made;
    });
  }
}
