import { inputsOf } from "../../../graph/nodes.js";
import type { GraphNode } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import type { RuntimeValue } from "../value.js";

/** What is behind these depends on the input only through integers or a product of them. */
const STATIC: ReadonlySet<GraphNode["kind"]> = new Set(["quantize", "dequantize", "conv", "dense"]);
/** These make one element depend on others, or on a quotient of two. */
const MEASURING: ReadonlySet<GraphNode["kind"]> = new Set(["reduce", "div"]);

/**
 * Whether a number measured at run time, a norm or the largest element of a row, lies between the
 * tensor and the last product or quantiser: then it is computed in float32.
 */
export function isMeasured(build: GraphBuilder, { name }: RuntimeValue): boolean {
  const seen = new Set<string>();
  const left = [name];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const maker = build.maker(at);
    if (maker === undefined || STATIC.has(maker.kind)) continue;
    if (MEASURING.has(maker.kind)) return true;
    left.push(...inputsOf(maker));
  }
  return false;
}
