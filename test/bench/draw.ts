import { lower } from "../../src/network/lower/index.js";
import type { Network } from "../../src/network/types.js";
import { GraphBuilder, uniform, type WindowOptions } from "../support/graph-builder.js";
import { type Random, seeded } from "../support/random.js";

/** What is drawn for every layer of a case. */
export interface Draw {
  /** Share of zeros among the trits. */
  readonly zeros: number;
  /** Activations are the 0 .. 127 of a ReLU instead of all of int8. */
  readonly relu: boolean;
}

export interface ConvShape extends WindowOptions {
  readonly outputs: number;
  readonly depthwise?: boolean;
}

/** One level of an activation as a real number; what it is makes no difference. */
const STEP = 1 / 32;

/**
 * Builds a float model as trained ones are exported: trits times a scale for each output channel, a bias,
 * a quantiser to int8 whose step makes good use of its range. Lowering makes its integers, so that
 * requantisation is what real layers have.
 */
export class ModelBuilder {
  private readonly graph: GraphBuilder;
  private readonly random: Random;
  private readonly draw: Draw;

  /** `shape` is of one input: [channels] or [channels, height, width]. */
  constructor(shape: readonly number[], draw: Draw) {
    this.graph = new GraphBuilder([1, ...shape], "real");
    this.draw = draw;
    this.random = seeded(20_260_715);
    for (let i = 0; i < 8; i++) this.random.next();
  }

  /** The quantised input. */
  input(relu = this.draw.relu): string {
    return this.activation("x", STEP, relu);
  }

  /** Closed by a quantiser; the activation's range is the draw's unless said otherwise. */
  dense(from: string, outputs: number, relu = this.draw.relu): string {
    const inputs = this.graph.shape(from).at(-1) ?? 1;
    const { weights, scales } = this.trits(outputs, inputs);
    const sums = this.graph.dense(from, [outputs, inputs], weights, this.biases(scales, inputs));
    return this.closed(sums, inputs, relu);
  }

  conv(from: string, shape: ConvShape, relu = this.draw.relu): string {
    const { outputs, depthwise = false, kernel = [1, 1] } = shape;
    const channels = this.graph.shape(from)[1] ?? 1;
    const own = depthwise ? 1 : channels;
    const perOutput = own * kernel[0] * kernel[1];
    const { weights, scales } = this.trits(outputs, perOutput);
    const sums = this.graph.conv(from, [outputs, own, ...kernel], weights, {
      ...shape,
      groups: depthwise ? channels : 1,
      bias: this.biases(scales, perOutput),
    });
    return this.closed(sums, perOutput, relu);
  }

  maxPool(from: string, size: number): string {
    return this.graph.maxPool(from, { kernel: [size, size], strides: [size, size] });
  }

  /** The mean over all positions, flattened, on the same scale. */
  globalAverage(from: string): string {
    const [, channels = 1, height = 1, width = 1] = this.graph.shape(from);
    const mean = this.graph.averagePool(from, { kernel: [height, width] });
    return this.graph.reshape(this.activation(mean, STEP, this.draw.relu), [1, channels]);
  }

  /** A residual addition, and the ReLU after it. */
  sum(a: string, b: string): string {
    return this.activation(this.graph.sum(a, b), 1.5 * STEP, this.draw.relu);
  }

  build(): Network {
    return lower(this.graph.build()).network;
  }

  private closed(sums: string, perOutput: number, relu: boolean): string {
    // The spread of a sum of so many trits times activations of up to 127 steps.
    const spread = Math.sqrt(perOutput * (1 - this.draw.zeros)) * 127 * STEP;
    return this.activation(sums, spread / 64, relu);
  }

  private activation(real: string, step: number, relu: boolean): string {
    const { graph } = this;
    const from = relu && real !== "x" ? graph.relu(real) : real;
    const codes = graph.requantize(from, uniform(step, relu ? { min: 0 } : {}));
    return graph.named(`layer${this.count++}`, codes);
  }

  private count = 0;

  private trits(outputs: number, perOutput: number): { weights: number[]; scales: number[] } {
    const { random, draw } = this;
    const scales = Array.from({ length: outputs }, () => 0.5 + random.next());
    const weights = scales.flatMap((scale) =>
      Array.from({ length: perOutput }, () => {
        if (random.next() < draw.zeros) return 0;
        return random.next() < 0.5 ? scale : -scale;
      }),
    );
    return { weights, scales };
  }

  private biases(scales: readonly number[], perOutput: number): number[] {
    const spread = Math.sqrt(perOutput) * 16 * STEP;
    return scales.map((scale) => scale * spread * (2 * this.random.next() - 1));
  }
}
