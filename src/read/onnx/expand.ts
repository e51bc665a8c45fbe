import type { FileModel } from "./decode.js";
import { Expansion } from "./expansion.js";
import { findOperator } from "./operators.js";

/**
 * Replaces operators that are a few others in one (QLinearConv is DequantizeLinear, Conv and
 * QuantizeLinear) by those, so that they are read, folded and refused as if the file had them.
 */
export function expandModel(model: FileModel): FileModel {
  const taken = new Set([
    ...model.initializers.keys(),
    ...model.inputs.map(({ name }) => name),
    ...model.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const nodes = model.nodes.flatMap((node) => {
    const expand = findOperator(node.domain, node.op)?.expand;
    if (expand === undefined) return [node];
    const expansion = new Expansion(node, taken);
    return expand(expansion) ? expansion.nodes : [node];
  });
  return { ...model, nodes };
}
