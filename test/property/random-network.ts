import type { Constant, Graph, Quantizer } from "../../src/graph/types.js";
import { GraphBuilder, uniform } from "../support/graph-builder.js";
import { type Random, seeded } from "../support/random.js";
import { drawOperator, drawThresholds } from "./random-operators.js";

export interface RandomNetwork {
  readonly graph: Graph;
  /** Whether doubles compute every tensor of the graph exactly, ties included. */
  readonly exactInDoubles: boolean;
  /** One input of the graph. */
  readonly input: (random: Random) => number[];
}

/** A small network that tritc promises to compile, the same for the same seed. */
export function randomNetwork(seed: number): RandomNetwork {
  return new Generator(seed).network();
}

/** What the generator knows of the tensor it stands at. */
interface Here {
  readonly name: string;
  /** Whether the integer that means 0 exists and may pad. */
  readonly padded: boolean;
}

type WeightKind = "ternary" | "binary" | "int4" | "int8";

class Generator {
  private readonly random: Random;
  /** Scales that are powers of two, so that sums often lie exactly between two levels. */
  private readonly dyadic: boolean;
  private exact: boolean;
  private trits = false;
  private readonly builder: GraphBuilder;
  private readonly input: (random: Random) => number[];
  private readonly start: string;

  constructor(seed: number) {
    this.random = seeded(seed);
    for (let i = 0; i < 8; i++) this.random.next();
    this.dyadic = this.chance(0.6);
    this.exact = this.dyadic;
    const shape = this.chance(0.7)
      ? [1, this.int(1, 4), this.int(2, 7), this.int(2, 7)]
      : [1, this.int(1, 24)];
    // Signals are images of height 1.
    if (shape.length === 4 && this.chance(0.15)) shape[2] = 1;
    const type = this.random.pick(["uint8", "int8", "real"] as const);
    this.builder = new GraphBuilder(shape, type);
    const elements = shape.reduce((a, b) => a * b, 1);
    const [low, high] = { uint8: [0, 255], int8: [-128, 127], real: [-512, 512] }[type];
    const unit = type === "real" ? (this.dyadic ? 1 / 128 : 0.0071) : 1;
    this.input = (random) =>
      Array.from({ length: elements }, () =>
        Math.fround(random.integer(low ?? 0, high ?? 0) * unit),
      );
    this.start = this.startAt(type);
  }

  network(): RandomNetwork {
    let here = this.entry();
    const blocks = this.int(0, 3);
    for (let i = 0; i < blocks; i++) here = this.block(here);
    const output = this.finish(here);
    return { graph: this.builder.build(output), exactInDoubles: this.exact, input: this.input };
  }

  private startAt(type: "uint8" | "int8" | "real"): string {
    if (type === "real") return "x";
    const zero = type === "uint8" ? this.int(0, 255) : this.int(-128, 127);
    return this.builder.dequantize("x", this.scale(), this.chance(0.5) ? 0 : zero);
  }

  /** Integers are read as they are or, as floats must be, normalised and quantised. */
  private entry(): Here {
    const float = this.start === "x";
    if (!float && this.chance(0.6)) return { name: this.start, padded: true };
    const name = this.chance(0.6) ? this.pointwise(this.start, this.int(1, 2)) : this.start;
    return this.quantised(name, 1, float ? 0.05 : 0.5);
  }

  private block(here: Here): Here {
    if (!this.isImage(here.name)) return this.vectorBlock(here);
    const choice = this.random.pick([
      "conv",
      "conv",
      "conv",
      "maxPool",
      "averagePool",
      "residual",
      "residual",
      "operator",
      "transpose",
      "rows",
    ] as const);
    switch (choice) {
      case "conv":
        return this.closed(this.conv(here));
      case "maxPool":
        return { ...here, name: this.maxPool(here.name), padded: here.padded };
      case "averagePool": {
        const from = this.chance(0.3) ? this.conv(here) : here;
        const name = this.averagePool(from);
        return this.closed({ name, padded: false });
      }
      case "residual":
        return this.residual(here);
      case "operator":
        return this.operator(here);
      case "transpose":
        return {
          ...here,
          name: this.builder.transpose(
            here.name,
            this.random.pick([
              [0, 1, 3, 2],
              [0, 2, 3, 1],
              [0, 2, 1, 3],
            ]),
          ),
        };
      case "rows":
        return this.rows(here);
      default:
        return choice satisfies never;
    }
  }

  /** A dense layer along the channels of every position. */
  private rows(here: Here): Here {
    const [, channels = 1, height = 1, width = 1] = this.builder.shape(here.name);
    const last = this.builder.transpose(here.name, [0, 2, 3, 1]);
    const rows = this.builder.reshape(last, [1, height * width, channels]);
    const out = this.dense({ ...here, name: rows });
    const done = this.closed({ ...out, padded: false }, false);
    const outputs = this.builder.shape(done.name).at(-1) ?? 1;
    const back = this.builder.reshape(done.name, [1, height, width, outputs]);
    return { ...done, name: this.builder.transpose(back, [0, 3, 1, 2]) };
  }

  private vectorBlock(here: Here): Here {
    const [, size = 1] = this.builder.shape(here.name);
    const sides = [2, 3, 4].filter((n) => size % (n * n) === 0);
    if (sides.length > 0 && this.chance(0.4)) {
      const side = this.random.pick(sides);
      const name = this.builder.reshape(here.name, [1, size / (side * side), side, side]);
      return { ...here, name };
    }
    return this.chance(0.3) ? this.operator(here) : this.closed(this.dense(here));
  }

  private operator(here: Here): Here {
    const { builder, random } = this;
    const { name, exact } = drawOperator({ builder, random, ...here });
    this.exact &&= exact;
    return this.quantised(name, 2, 0.3);
  }

  private residual(here: Here): Here {
    const [, channels = 1] = this.builder.shape(here.name);
    const same = (from: Here): Here => this.affine(this.conv(from, channels, true), true);
    const branches: (() => Here)[] = [
      () => here,
      () => same(here),
      () => this.closed(same(here), false),
      () => ({ ...here, name: this.chance(0.5) ? this.builder.relu(here.name) : here.name }),
    ];
    const a = this.random.pick(branches)();
    const b = this.random.pick(branches.slice(1))();
    const [first, second] = this.chance(0.5) ? [a, b] : [b, a];
    const name = this.builder.sum(first.name, second.name);
    const sum = this.affine({ name, padded: false }, false);
    const clipped = this.chance(0.5) ? this.builder.relu(sum.name) : sum.name;
    return this.quantised(clipped, 2, 0.3);
  }

  /** BatchNorm, activation, pool in some order, then the quantiser. */
  private closed(sums: Here, poolable = true): Here {
    let here = this.affine(sums, true);
    let pooled = false;
    if (this.chance(0.5)) here = { ...here, name: this.clip(here.name) };
    if (poolable && this.isImage(here.name) && this.chance(0.4)) {
      here = { ...here, name: this.maxPool(here.name) };
      pooled = true;
    }
    if (!pooled && this.chance(0.2)) here = this.affine(here, true);
    return this.quantised(here.name, 1, 0.5);
  }

  private affine(here: Here, negative: boolean): Here {
    const [, channels = 1] = this.builder.shape(here.name);
    const rank = this.builder.shape(here.name).length;
    if (rank === 3 || this.chance(0.4)) return here;
    const signed = (magnitude: number): number =>
      negative && this.chance(0.3) ? -magnitude : this.chance(0.05) ? 0 : magnitude;
    const list = (make: () => number): number[] => Array.from({ length: channels }, make);
    const name = this.chance(0.6)
      ? this.builder.batchNorm(here.name, {
          gamma: list(() => signed(this.scale() * 4)),
          beta: list(() => this.offset()),
          mean: list(() => this.offset()),
          variance: list(() =>
            this.dyadic ? this.random.pick([0.25, 1, 4]) : 0.2 + this.random.next(),
          ),
        })
      : this.builder.arithmetic(
          this.chance(0.5) ? "mul" : "add",
          here.name,
          list(() => this.scale()),
          rank === 4 ? [channels, 1, 1] : [channels],
        );
    return { ...here, name };
  }

  private pointwise(name: string, count: number): string {
    let result = name;
    for (let i = 0; i < count; i++) {
      const operation = this.random.pick(["add", "sub", "mul", "div"] as const);
      const sign = this.chance(0.2) ? -1 : 1;
      const value =
        operation === "add" || operation === "sub" ? this.offset() : sign * this.scale() * 4;
      result = this.builder.arithmetic(
        operation,
        result,
        value,
        [],
        operation === "sub" && this.chance(0.3),
      );
    }
    return result;
  }

  private clip(name: string): string {
    if (this.chance(0.6)) return this.builder.relu(name);
    const low = this.offset();
    return this.builder.clip(name, low, low + this.scale() * this.int(1, 100));
  }

  private conv(here: Here, outputs = this.int(1, 6), keepSize = false): Here {
    const [, channels = 1, height = 1, width = 1] = this.builder.shape(here.name);
    const size = (extent: number): number =>
      keepSize ? (here.padded ? this.random.pick([1, 3]) : 1) : Math.min(extent, this.int(1, 3));
    const kernel: [number, number] = [size(height), size(width)];
    const pad = (k: number): number =>
      keepSize ? (k - 1) / 2 : here.padded && this.chance(0.5) ? this.int(0, k - 1) : 0;
    const [top, left] = [pad(kernel[0]), pad(kernel[1])];
    const pads: [number, number, number, number] = keepSize
      ? [top, left, top, left]
      : [top, left, pad(kernel[0]), pad(kernel[1])];
    const strides: [number, number] = keepSize ? [1, 1] : [this.int(1, 2), this.int(1, 2)];
    const divisors = [1, 2, 3, 4].filter((g) => channels % g === 0 && outputs % g === 0);
    const depthwise = !keepSize && this.chance(0.25);
    const groups = depthwise ? channels : this.random.pick(divisors);
    const made = depthwise ? channels * this.int(1, 2) : outputs;
    const shape = [made, channels / groups, ...kernel];
    const dilations = keepSize ? undefined : this.dilations(kernel, [height, width]);
    const options = { pads, strides, groups, ...this.bias(made), ...dilations };
    const name = this.builder.conv(here.name, shape, this.weights(shape), options);
    return { name, padded: false };
  }

  private dense(here: Here): Here {
    const inputs = this.builder.shape(here.name).at(-1) ?? 1;
    const outputs = this.int(1, 12);
    const shape = [outputs, inputs];
    const name = this.builder.dense(here.name, shape, this.weights(shape), this.bias(outputs).bias);
    return { name, padded: false };
  }

  private bias(outputs: number): { bias?: number[] } {
    return this.chance(0.5) ? { bias: Array.from({ length: outputs }, () => this.offset()) } : {};
  }

  private weights(shape: readonly number[]): Constant {
    const kind = this.random.pick<WeightKind>(["ternary", "ternary", "binary", "int4", "int8"]);
    if (kind === "ternary" || kind === "binary") this.trits = true;
    return this.weightsOf(kind, shape);
  }

  private weightsOf(kind: WeightKind, shape: readonly number[]): Constant {
    const [outputs = 1, ...rest] = shape;
    const perOutput = rest.reduce((a, b) => a * b, 1);
    const make = {
      ternary: () => this.int(-1, 1),
      binary: () => this.random.pick([-1, 1]),
      int4: () => this.int(-8, 7),
      int8: () => this.int(-128, 127),
    }[kind];
    const empty = Array.from({ length: outputs }, () => kind !== "binary" && this.chance(0.08));
    const integers = Int32Array.from({ length: outputs * perOutput }, (_, i) =>
      empty[Math.floor(i / perOutput)] === true ? 0 : make(),
    );
    const perChannel = this.chance(0.4);
    const unit = kind === "int8" ? 1 / 32 : 1;
    const scales = Float32Array.from(
      { length: perChannel ? outputs : 1 },
      () => this.scale() * unit,
    );
    const scaleOf = (i: number): number => scales[perChannel ? Math.floor(i / perOutput) : 0] ?? 1;
    const data = Float64Array.from(integers, (w, i) => w * scaleOf(i));
    return { shape, data, grid: { integers, scales, axis: perChannel ? 0 : null } };
  }

  private maxPool(name: string): string {
    const [, , height = 1, width = 1] = this.builder.shape(name);
    const window = this.window(name);
    const dilations = this.dilations(window.kernel, [height, width]);
    return this.builder.maxPool(name, { ...window, ...dilations });
  }

  /** Now and then taps with gaps between them, as wide as the tensor allows. */
  private dilations(
    [kernelHeight, kernelWidth]: readonly [number, number],
    [height, width]: readonly [number, number],
  ): { dilations?: readonly [number, number] } {
    if (!this.chance(0.15)) return {};
    const widest = (kernel: number, extent: number): number =>
      kernel === 1 ? 1 : Math.floor((extent - 1) / (kernel - 1));
    return {
      dilations: [
        this.int(1, Math.max(1, widest(kernelHeight, height))),
        this.int(1, Math.max(1, widest(kernelWidth, width))),
      ],
    };
  }

  private averagePool(here: Here): string {
    const window = this.window(here.name);
    const padded = window.pads.some((p) => p > 0);
    const countPadding = here.padded && this.chance(0.5);
    const [height, width] = window.kernel;
    if (!Number.isInteger(Math.log2(height * width)) || (padded && !countPadding))
      this.exact = false;
    return this.builder.averagePool(here.name, window, countPadding);
  }

  private window(name: string) {
    const [, , height = 1, width = 1] = this.builder.shape(name);
    const kernel: [number, number] = [
      Math.min(height, this.int(1, 3)),
      Math.min(width, this.int(1, 3)),
    ];
    const pad = (k: number): number => (this.chance(0.5) ? this.int(0, k - 1) : 0);
    const pads: [number, number, number, number] = [
      pad(kernel[0]),
      pad(kernel[1]),
      pad(kernel[0]),
      pad(kernel[1]),
    ];
    return { kernel, pads, strides: [this.int(1, 3), this.int(1, 3)] as [number, number] };
  }

  /** A quantiser for a tensor that is a function of `operands` integer tensors. */
  private quantised(name: string, operands: number, few: number): Here {
    const channels = this.builder.shape(name)[1] ?? 1;
    const quantizer =
      operands === 1 && this.builder.shape(name).length !== 3 && this.chance(0.1)
        ? drawThresholds(this.random, channels, this.scale())
        : this.quantizer(operands, few);
    const codes = this.builder.quantize(name, quantizer);
    if (quantizer.kind !== "uniform") {
      return { name: this.builder.dequantize(codes, 1), padded: true };
    }
    const { scale, zero, min, max } = quantizer;
    const offset = zero[0] ?? 0;
    const padded = Number.isInteger(offset) && offset >= min && offset <= max;
    return { name: this.builder.dequantize(codes, [...scale], [...zero]), padded };
  }

  private quantizer(operands: number, few: number): Quantizer {
    if (this.chance(0.1)) return { kind: "bipolar" };
    if (operands === 1 && this.chance(0.1)) return { kind: "sign" };
    const bits = this.chance(few) ? this.int(2, 5) : this.int(6, 8);
    const signed = this.chance(0.5);
    const [min, max] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
    const before = this.chance(0.4);
    const zero = this.chance(0.4) ? 0 : this.int(min, max) + (before && this.chance(0.2) ? 0.5 : 0);
    const rounding =
      !before || this.chance(0.7)
        ? "half-even"
        : this.random.pick(
            operands === 1 ? (["floor", "ceil", "toward-zero"] as const) : (["floor"] as const),
          );
    const zeroAdded = before ? "before-rounding" : "after-rounding";
    return uniform(this.scale() * 2 ** (8 - bits), { zero, min, max, zeroAdded, rounding });
  }

  /** Accumulators, activations or codes: what models end in. */
  private finish(here: Here): string {
    if (this.trits && this.chance(0.3)) return here.name;
    let last = here;
    if (this.isImage(here.name)) {
      const moved = this.chance(0.3) ? this.builder.transpose(here.name, [0, 2, 3, 1]) : here.name;
      const size = this.builder.shape(moved).reduce((a, b) => a * b, 1);
      last = { ...here, name: this.builder.reshape(moved, [1, size]) };
    }
    const inputs = this.builder.shape(last.name).at(-1) ?? 1;
    const shape = [this.int(1, 10), inputs];
    const weights = this.trits ? this.weights(shape) : this.weightsOf("ternary", shape);
    const name = this.builder.dense(last.name, shape, weights, this.bias(shape[0] ?? 1).bias);
    if (this.chance(0.3)) return name;
    if (this.chance(0.5)) return this.builder.quantize(name, this.quantizer(1, 0.5));
    const { name: mapped } = this.affine({ name, padded: false }, true);
    return this.chance(0.3) ? this.builder.relu(mapped) : mapped;
  }

  private isImage(name: string): boolean {
    return this.builder.shape(name).length === 4;
  }

  private scale(): number {
    const rough = 2 ** -this.int(0, 6);
    return this.dyadic ? rough : Math.fround(rough * (0.6 + this.random.next()));
  }

  private offset(): number {
    const rough = this.int(-64, 64) / 16;
    return this.dyadic ? rough : Math.fround(rough + this.random.next() / 8);
  }

  private int(low: number, high: number): number {
    return this.random.integer(low, high);
  }

  private chance(probability: number): boolean {
    return this.random.next() < probability;
  }
}
