import type { Fields } from "../json.js";
import { float32Text } from "./larq.js";
import { elementwise, type WeightRule } from "./quantized.js";

/**
 * The layers of the BinaryNet and TernaryNet code that many projects copied (DingKe's nn_playground;
 * hls4ml's trained models among them): `Binary...` and `Ternary...` classes with a scale `H`.
 */
export function binaryNetRule(className: string, config: Fields): WeightRule {
  const scale = Math.fround(config.number("H", 1));
  if (className.startsWith("Ternary")) {
    const values = scale === 1 ? "1, 0 or -1" : `${float32Text(scale)} times 1, 0 or -1`;
    return {
      text: `${className}: w / H > 0.5, else, w / H <= -0.5: ${values}`,
      apply: (weights) => elementwise(weights, (w) => ternarized(Math.fround(w / scale)), scale),
    };
  }
  return {
    text: `${className}: H * (2 * round(clip(w / H / 2 + 1/2, 0, 1)) - 1), H = ${float32Text(scale)}`,
    apply: (weights) =>
      elementwise(weights, (w) => (Math.fround(w / scale) > ROUNDS_TO_HALF ? 1 : -1), scale),
  };
}

function ternarized(w: number): number {
  if (w > 0.5) return 1;
  return w <= -0.5 ? -1 : 0;
}

/**
 * `round(x / 2 + 1/2)` in float32 is 1 from here on: below, the sum is 1/2 and a tie, which goes to
 * the even 0.
 */
export const ROUNDS_TO_HALF = 2 ** -24;
