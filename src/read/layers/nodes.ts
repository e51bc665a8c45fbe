import type { Constant, IntegerType, Origin, Quantizer } from "../../graph/types.js";
import type { Assembly, Flow } from "./assembly.js";

/** A quantiser as layer files mean it: what comes out is the real number of its level. */
export interface Activation {
  readonly quantizer: Quantizer;
  /** Stores the quantiser's integers. */
  readonly type: IntegerType;
  /** Real number of an integer: `(q - zero) * scale`. */
  readonly scale: number;
  readonly zero: number;
}

/** A quantize node, then a dequantize node. */
export function addActivation(
  graph: Assembly,
  x: Flow,
  { quantizer, type, scale, zero }: Activation,
  origin: Origin,
): Flow {
  const { shape } = x;
  const integers = graph.emit(
    { kind: "quantize", origin, input: x.name, quantizer },
    { shape, type },
    `${origin.name}.integers`,
  );
  const affine = { scale: Float32Array.of(scale), zero: Float32Array.of(zero), axis: null };
  return graph.emit(
    { kind: "dequantize", origin, input: integers.name, ...affine },
    { shape, type: "real" },
  );
}

/** A product along the last axis; `weight` is [out, in], `bias` [out]. Shapes have been checked. */
export function addDense(
  graph: Assembly,
  x: Flow,
  { weight, bias }: { readonly weight: Constant; readonly bias: Constant | null },
  origin: Origin,
): Flow {
  const shape = x.shape.with(-1, weight.shape[0] ?? 0);
  return graph.emit(
    {
      kind: "dense",
      origin,
      input: x.name,
      weight: graph.constant(`${origin.name}.weight`, weight),
      bias: bias === null ? null : graph.constant(`${origin.name}.bias`, bias),
    },
    { shape, type: "real" },
  );
}

/** Writes a matrix [rows, columns] as [columns, rows]. */
export function transposeInto(
  result: { [index: number]: number },
  data: ArrayLike<number>,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c] ?? 0;
  }
}
