import type { Statistics } from "./statistics.js";

export type Method = "minmax" | "percentile" | "mse";

export interface ScaleChoice {
  readonly method: Method;
  /** For `percentile`: how many per cent of the elements lie in the range. */
  readonly percentile: number;
}

/** An 8-bit quantiser: `clip(round(x / scale) + zero, low, high)`. The real number 0 is exact. */
export interface Scale {
  readonly type: "int8" | "uint8";
  readonly scale: number;
  readonly zero: number;
}

export const LEVELS = { int8: { low: -128, high: 127 }, uint8: { low: 0, high: 255 } } as const;

/** The scale for a place: unsigned where no element is negative, else with a zero point. */
export function chooseScale(statistics: Statistics, { method, percentile }: ScaleChoice): Scale {
  const { low, high } = statistics;
  switch (method) {
    case "minmax":
      return scaleOf(low, high);
    case "percentile": {
      const [from, to] = percentileRange(statistics, percentile);
      return scaleOf(from, to);
    }
    case "mse":
      return leastError(statistics);
    default:
      return method satisfies never;
  }
}

/** The scale whose levels cover a range, and 0. */
function scaleOf(from: number, to: number): Scale {
  const [low, high] = [Math.min(from, 0), Math.max(to, 0)];
  const scale = Math.fround((high - low) / 255) || 1;
  if (low === 0) return { type: "uint8", scale, zero: 0 };
  const zero = Math.round(-128 - low / scale);
  return { type: "int8", scale, zero: Math.min(127, Math.max(-128, zero)) };
}

/** Leaves equal shares of the elements out at both ends, or all at the top where none is negative. */
function percentileRange(statistics: Statistics, percentile: number): [low: number, high: number] {
  const { low, high, counts } = statistics;
  const total = counts.reduce((a, b) => a + b, 0);
  const outside = (total * (100 - percentile)) / 100 / (low < 0 ? 2 : 1);
  const cut = (list: Float64Array): number => {
    let seen = 0;
    return list.findIndex((count) => {
      seen += count;
      return seen > outside;
    });
  };
  const part = (high - low) / counts.length;
  const top = high - cut(counts.slice().reverse()) * part;
  return [low < 0 ? low + cut(counts) * part : low, top];
}

/** Shares of the range's two ends that are tried. */
const SHARES = Array.from({ length: 76 }, (_, i) => 1 - i / 100);

/** The range of least mean square error, one end after the other until neither moves. */
function leastError(statistics: Statistics): Scale {
  const { low, high } = statistics;
  let ends = { low: 1, high: 1 };
  let best = meanSquare(statistics, scaleOf(low, high));
  for (let moved = true; moved; ) {
    moved = false;
    for (const end of low < 0 ? (["high", "low"] as const) : (["high"] as const)) {
      for (const share of SHARES) {
        const tried = { ...ends, [end]: share };
        const error = meanSquare(statistics, scaleOf(low * tried.low, high * tried.high));
        if (error >= best) continue;
        best = error;
        ends = tried;
        moved = true;
      }
    }
  }
  return scaleOf(low * ends.low, high * ends.high);
}

function meanSquare({ low, high, counts }: Statistics, { type, scale, zero }: Scale): number {
  const part = (high - low) / counts.length;
  const range = LEVELS[type];
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const value = low + (i + 0.5) * part;
    const level = Math.min(range.high, Math.max(range.low, Math.round(value / scale) + zero));
    sum += count * (value - (level - zero) * scale) ** 2;
  }
  return sum;
}
