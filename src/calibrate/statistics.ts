import type { FloatArray } from "../float/evaluate.js";

/** What a place's elements were on the calibration inputs. */
export interface Statistics {
  readonly low: number;
  readonly high: number;
  /** Elements in each of `counts.length` equal parts of [low, high]. */
  readonly counts: Float64Array;
}

/** Several parts to each of 256 levels, so that an error within a part hardly matters. */
const PARTS = 4096;

/** Gathers ranges in a first pass over the inputs, and histograms within them in a second. */
export class Gatherer {
  private low = Number.POSITIVE_INFINITY;
  private high = Number.NEGATIVE_INFINITY;
  private readonly counts = new Float64Array(PARTS);

  addRange(values: FloatArray): void {
    for (const value of values) {
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    }
  }

  addCounts(values: FloatArray): void {
    const { low, counts } = this;
    const factor = this.high === low ? 0 : PARTS / (this.high - low);
    for (const value of values) {
      const part = Math.min(PARTS - 1, Math.floor((value - low) * factor));
      counts[part] = (counts[part] ?? 0) + 1;
    }
  }

  /** Whether every value so far is a finite number. */
  get finite(): boolean {
    return Number.isFinite(this.low) && Number.isFinite(this.high);
  }

  get statistics(): Statistics {
    return { low: this.low, high: this.high, counts: this.counts };
  }
}
