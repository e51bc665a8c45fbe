import { lower } from "../../src/network/lower/index.js";
import type { Network, WeightKind } from "../../src/network/types.js";
import { GraphBuilder, uniform, type WindowOptions } from "../support/graph-builder.js";
import { type Random, seeded } from "../support/random.js";

/** What is drawn for every layer of a case. */
export interface Draw {
  /** Share of zeros among the trits, 0 to 1. */
  readonly zeros: number;
  /** Activations are the 0 .. 127 of a ReLU instead of all of int8. */
  readonly relu: boolean;
  /** Ternary where left out. */
  readonly weights?: WeightKind;
  /** Activations of one bit, -1 and +1, or of two, 0 to 3, instead. */
  readonly codes?: Codes;
}

export type Codes = "signs" | "two-bit";

/** Largest magnitude of the weights that are drawn. */
const LARGEST: Readonly<Record<WeightKind, number>> = { binary: 1, ternary: 1, int4: 7, int8: 127 };

export interface ConvShape extends WindowOptions {
  readonly outputs: number;
  readonly depthwise?: boolean;
}

const SEED = 20_260_715;

/** Of the network's input: one level as a real number. What it is makes no difference. */
const INPUT_STEP = 1 / 32;

/** How large the codes of an activation are on the whole, and how many of a sum's spread they reach. */
const USUAL_CODE = 50;
const SPREADS = 2.5;

/**
 * Builds a float model as trained ones are exported: trits times a scale for each output channel, a bias,
 * a quantiser to int8 whose step makes good use of its range. Lowering makes its integers, so that
 * requantisation is what real layers have. Methods return the name of a layer's output.
 */
export class ModelBuilder {
  private readonly graph: GraphBuilder;
  private readonly random: Random;
  private readonly draw: Draw;
  /** Of each activation: one level as a real number. */
  private readonly steps = new Map<string, number>();

  /** `shape` is of one input: [channels] or [channels, height, width]. */
  constructor(shape: readonly number[], draw: Draw) {
    this.graph = new GraphBuilder([1, ...shape], "real");
    this.draw = draw;
    this.random = seeded(SEED);
    for (let i = 0; i < 8; i++) this.random.next();
  }

  /** The quantised input. */
  input(relu: boolean): string {
    return this.quantised("x", INPUT_STEP, relu);
  }

  dense(name: string, from: string, outputs: number, relu = this.draw.relu): string {
    const inputs = this.graph.shape(from).at(-1) ?? 1;
    const { weights, scales } = this.drawn(outputs, inputs);
    const spread = this.spreadOf(from, inputs);
    const biases = this.biases(scales, spread);
    const sums = this.graph.dense(from, [outputs, inputs], weights, biases);
    return this.closed(name, sums, spread, relu);
  }

  conv(name: string, from: string, shape: ConvShape, relu = this.draw.relu): string {
    const { outputs, depthwise = false, kernel = [1, 1] } = shape;
    const channels = this.graph.shape(from)[1] ?? 1;
    const own = depthwise ? 1 : channels;
    const perOutput = own * kernel[0] * kernel[1];
    const { weights, scales } = this.drawn(outputs, perOutput);
    const spread = this.spreadOf(from, perOutput);
    const sums = this.graph.conv(from, [outputs, own, ...kernel], weights, {
      ...shape,
      groups: depthwise ? channels : 1,
      bias: this.biases(scales, spread),
    });
    return this.closed(name, sums, spread, relu);
  }

  maxPool(name: string, from: string, size: number): string {
    const pool = this.graph.maxPool(from, { kernel: [size, size], strides: [size, size] });
    this.graph.named(name, pool);
    this.steps.set(pool, this.stepOf(from));
    return pool;
  }

  /** The mean over all positions, flattened. */
  globalAverage(name: string, from: string): string {
    const [, channels = 1, height = 1, width = 1] = this.graph.shape(from);
    const mean = this.graph.averagePool(from, { kernel: [height, width] });
    this.graph.named(name, mean);
    const step = this.stepOf(from);
    const codes = this.quantised(mean, step, this.draw.relu);
    const flat = this.graph.reshape(codes, [1, channels]);
    this.steps.set(flat, step);
    return flat;
  }

  /** A residual addition, and the ReLU after it. */
  sum(name: string, a: string, b: string): string {
    const sum = this.graph.named(name, this.graph.sum(a, b));
    const step = Math.hypot(this.stepOf(a), this.stepOf(b));
    return this.quantised(this.draw.relu ? this.graph.relu(sum) : sum, step, this.draw.relu);
  }

  build(): Network {
    return lower(this.graph.build()).network;
  }

  private closed(name: string, sums: string, spread: number, relu: boolean): string {
    this.graph.named(name, sums);
    return this.quantised(relu ? this.graph.relu(sums) : sums, (SPREADS * spread) / 127, relu);
  }

  private quantised(real: string, step: number, relu: boolean): string {
    if (this.draw.codes === "signs") return this.graph.requantize(real, { kind: "bipolar" });
    if (this.draw.codes === "two-bit") {
      return this.graph.requantize(real, uniform(step * 32, { min: 0, max: 3 }));
    }
    const codes = this.graph.requantize(real, uniform(step, relu ? { min: 0 } : {}));
    this.steps.set(codes, step);
    return codes;
  }

  private stepOf(name: string): number {
    return this.steps.get(name) ?? INPUT_STEP;
  }

  /** Of a sum of so many trits times activations. */
  private spreadOf(from: string, perOutput: number): number {
    const { weights = "ternary", zeros } = this.draw;
    const usual = weights === "ternary" ? Math.sqrt(1 - zeros) : 0.6 * LARGEST[weights];
    return Math.sqrt(perOutput) * usual * USUAL_CODE * this.stepOf(from);
  }

  private drawn(outputs: number, perOutput: number): { weights: number[]; scales: number[] } {
    const { random, draw } = this;
    const scales = Array.from({ length: outputs }, () => 0.5 + random.next());
    const kind = draw.weights ?? "ternary";
    const largest = LARGEST[kind];
    const zeros = kind === "ternary" ? draw.zeros : 0;
    const weights = scales.flatMap((scale) =>
      Array.from({ length: perOutput }, () => {
        if (random.next() < zeros) return 0;
        // Networks with no weights of few levels are refused, and the time depends on none.
        const magnitude = random.next() < 0.5 ? largest : Math.ceil(largest / 2);
        return random.next() < 0.5 ? scale * magnitude : -scale * magnitude;
      }),
    );
    return { weights, scales };
  }

  private biases(scales: readonly number[], spread: number): number[] {
    return scales.map((scale) => scale * spread * (this.random.next() - 0.5));
  }
}
