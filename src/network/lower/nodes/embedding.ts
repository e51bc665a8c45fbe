import { fail } from "../../../diagnostics.js";
import type { Constant, EmbeddingNode } from "../../../graph/types.js";
import { findWeights } from "../../weights.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { embeddingInput, embeddingTable } from "../diagnostics.js";
import { sizeOf } from "../layout.js";
import { type IntegerValue, NO_BIAS, realOf, type Value } from "../value.js";

/** Row numbers that the model takes as its input become rows of 8-bit integers with one scale. */
export function lowerEmbedding(context: LoweringContext, node: EmbeddingNode): void {
  const value = context.value(node.input);
  const ids = isInput(context, value) ? value : fail(embeddingInput(node.origin));
  const table = context.constant(node.table);
  const [rows = 1, columns = 1] = table.shape;
  const found = findWeights(asOneRow(table));
  const { weights, scales } =
    "weights" in found ? found : fail(embeddingTable(node.origin, node.table));
  narrowInput(context, rows);
  const { values } = weights;
  const range = {
    low: values.reduce((a, b) => Math.min(a, b), 0),
    high: values.reduce((a, b) => Math.max(a, b), 0),
  };
  const shape = context.shapeOf(node.output);
  const extent = { height: 1, width: sizeOf(shape) / columns, channels: columns };
  const output = context.addTensor({ ...extent, declared: { range, type: "int8" } });
  context.layers.push({
    kind: "lookup",
    input: ids.tensor,
    columns,
    table: values,
    output,
    origins: mergeOrigins(ids.pending, [node.origin]),
  });
  const base = { shape, order: null, extent, pending: [] };
  context.setValue(node.output, realOf(base, [{ tensor: output, scales }], NO_BIAS));
}

/** Whether the row numbers are the model's input, as it comes. */
function isInput({ input }: LoweringContext, value: Value | undefined): value is IntegerValue {
  return value?.kind === "integer" && value.tensor === input?.tensor && value.order === null;
}

/** The whole table on one scale. */
function asOneRow({ data, grid }: Constant): Constant {
  const shape = [1, data.length];
  const same = grid?.scales.every((scale) => scale === grid.scales[0]) ?? false;
  if (grid === undefined || !same) return { shape, data };
  return { shape, data, grid: { ...grid, scales: grid.scales.slice(0, 1), axis: null } };
}

/** The input holds rows of every table that reads it, and nothing else: others are refused. */
function narrowInput(context: LoweringContext, rows: number): void {
  if (context.input === null) return;
  const { tensor } = context.input;
  const current = context.tensor(tensor);
  if (current.declared === null) return;
  const { range, type } = current.declared;
  const high = Math.min(range.high, rows - 1);
  context.tensors[tensor] = { ...current, declared: { range: { low: 0, high }, type } };
}
