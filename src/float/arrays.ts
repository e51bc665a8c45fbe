/** Elements of one tensor. A `Float32Array` rounds whatever is stored in it, as float32 runtimes do. */
export type FloatArray = Float32Array | Float64Array;

/** Does a node's work: from its inputs' elements to its output's. */
export type Step = () => void;

/** Element i of a list that is there. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

/** The only element of a list, or the one of the channel. */
export function oneOrEach(values: ArrayLike<number>, channel: number): number {
  return at(values, values.length === 1 ? 0 : channel);
}
