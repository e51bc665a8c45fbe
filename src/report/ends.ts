import type { NetworkFacts } from "./facts.js";
import { plural } from "./format.js";

/** `64 numbers (uint8, 8 x 8 x 1)` */
export function inputText({ input }: NetworkFacts): string {
  const count = input.shape.reduce((product, size) => product * size, 1);
  return `${plural(count, "number")} (${input.type}, ${input.shape.join(" x ")})`;
}

/** `10 numbers (int32)` */
export function outputText({ output }: NetworkFacts): string {
  return `${plural(output.elements, "number")} (${output.type})`;
}
