import type { InputFacts, OutputFacts } from "./facts.js";
import { shape } from "./format.js";

/** What goes in, on one line: the model's own name and shape, the stored type, the meaning. */
export function inputText({ name, modelShape, type, encoding }: InputFacts): string {
  return `${name} ${shape(modelShape)} as ${type}: ${encodingText(encoding)}`;
}

function encodingText(encoding: InputFacts["encoding"]): string {
  switch (encoding.kind) {
    case "float32":
      return "the model's own numbers";
    case "integer":
      if (encoding.scale === null) return "the model's own integers";
      return encoding.zero === 0
        ? `the model's own integers, real = q * ${encoding.scale}`
        : `the model's own integers, real = (q - ${encoding.zero}) * ${encoding.scale}`;
    case "real":
      return `q = ${encoding.formula} of the model's float x`;
    default:
      return encoding satisfies never;
  }
}

/** What comes out, on one line. */
export function outputText({ name, modelShape, type, real, head }: OutputFacts): string {
  const meaning =
    real === null
      ? `the model's own ${type === "float32" ? "numbers" : "integers"}`
      : `real = q * ${real.scale}${real.offset === 0 ? "" : ` + ${real.offset}`}`;
  const left = head === "none" ? "" : `; its ${head} is left to the caller`;
  return `${name} ${shape(modelShape)} as ${type}: ${meaning}${left}`;
}
