import type { GatherLayer, LookupLayer } from "../network/types.js";
import type { Buffers } from "./index.js";

export function gatherStep(layer: GatherLayer, buffer: Buffers): () => void {
  const inputs = layer.inputs.map(buffer);
  const output = buffer(layer.output);
  const { width, channels } = layer.view;
  return () => {
    output.fill(layer.fill);
    for (const part of layer.parts) {
      const input = inputs[part.input] ?? new Int32Array();
      for (const [y, row] of part.rows.entries()) {
        for (const [x, column] of part.columns.entries()) {
          const to = ((part.top + y) * width + part.left + x) * channels + part.first;
          for (const [c, channel] of part.channels.entries()) {
            output[to + c] = input[row + column + channel] ?? 0;
          }
        }
      }
    }
  };
}

export function lookupStep(layer: LookupLayer, buffer: Buffers): () => void {
  const input = buffer(layer.input);
  const output = buffer(layer.output);
  const { columns, table } = layer;
  const last = table.length / columns - 1;
  return () => {
    for (const [i, id] of input.entries()) {
      const row = Math.min(last, Math.max(0, id));
      output.set(table.subarray(row * columns, (row + 1) * columns), i * columns);
    }
  };
}
