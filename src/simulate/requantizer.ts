import type { FixedPoint, PerChannel, Requantization } from "../network/types.js";

/** From an accumulator (and a second operand, for sums) of a channel to its output. */
export type Requantizer = (accumulator: number, channel: number, second?: number) => number;

export function requantizer(rule: Requantization): Requantizer {
  switch (rule.kind) {
    case "none":
      return (accumulator) => accumulator;
    case "thresholds":
      return countThresholds(rule);
    case "table":
      return lookUp(rule);
    case "fixed-point":
      return applyFixedPoint(rule);
    default:
      return rule satisfies never;
  }
}

function countThresholds(rule: Requantization & { kind: "thresholds" }): Requantizer {
  const { thresholds, count, base, step } = rule;
  const stride = thresholds.length > count ? count : 0;
  return (accumulator, channel) => {
    let reached = 0;
    const start = channel * stride;
    for (let j = start; j < start + count; j++) {
      if (accumulator >= (thresholds[j] ?? 0)) reached++;
    }
    return base + step * reached;
  };
}

function lookUp({ values, size, low }: Requantization & { kind: "table" }): Requantizer {
  const stride = values.length > size ? size : 0;
  return (accumulator, channel) => values[channel * stride + accumulator - low] ?? 0;
}

function at(list: PerChannel, channel: number): number {
  return (list.length === 1 ? list[0] : list[channel]) ?? 0;
}

/** Doubles are exact here: |p| < 2^53, and dividing by a power of two only moves the point. */
function applyFixedPoint(rule: FixedPoint): Requantizer {
  const { multipliers, offsets, low, high, tieBand, base, step } = rule;
  const unit = 2 ** rule.shift;
  const [first = new Float64Array(1), second = new Float64Array(1)] = multipliers;
  return (accumulator, channel, other = 0) => {
    const p = accumulator * at(first, channel) + other * at(second, channel) + at(offsets, channel);
    let n = Math.floor(p / unit);
    if (tieBand > 0 && n % 2 !== 0 && p - n * unit < tieBand) n -= 1;
    return base + step * Math.min(at(high, channel), Math.max(at(low, channel), n));
  };
}
