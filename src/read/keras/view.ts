import { fail } from "../../diagnostics.js";
import type { Constant, Origin, Shape } from "../../graph/types.js";
import { demandFinite } from "../finite.js";
import type { Fields } from "../json.js";
import type { Assembly } from "../layers/assembly.js";
import { reshape, type Tensor, transpose } from "../onnx/tensor.js";
import { UnsupportedForm } from "../unsupported.js";
import { missingWeight, weightShape } from "./diagnostics.js";
import { type Quantized, valuesOf, type WeightRule } from "./quantized.js";
import { asImage, asPlain, type KerasTensor, withZeros } from "./tensor.js";
import type { KerasArray, LayerWeights } from "./weights.js";

/** Turns a layer into nodes of the Graph. */
export type TranslateLayer = (view: LayerView) => KerasTensor;

/** One layer of the file as its translator sees it. */
export class LayerView {
  constructor(
    readonly origin: Origin,
    readonly config: Fields,
    readonly graph: Assembly,
    private readonly inputs: readonly KerasTensor[],
    private readonly weights: LayerWeights,
    /** Whether the layer makes the model's output. */
    readonly isLast: boolean,
  ) {}

  /** The only input. */
  input(): KerasTensor {
    const [input, ...more] = this.inputs;
    if (input === undefined || more.length > 0) this.refuse(`takes ${this.inputs.length} inputs`);
    return withZeros(this.graph, input, this.origin);
  }

  /** All inputs of a layer that merges some. */
  merged(): readonly KerasTensor[] {
    if (this.inputs.length < 2) this.refuse(`merges ${this.inputs.length} tensors`);
    return this.inputs.map((input) => withZeros(this.graph, input, this.origin));
  }

  /** The only input in Keras' own order. */
  plain(): KerasTensor {
    return asPlain(this.graph, this.input(), this.origin);
  }

  /** The only input as an image, its padding not yet taken over; `axes` is 1 for signals. */
  padded(axes: 1 | 2): KerasTensor {
    const [input, ...more] = this.inputs;
    if (input === undefined || more.length > 0) this.refuse(`takes ${this.inputs.length} inputs`);
    if (this.config.text("data_format", "channels_last") !== "channels_last") {
      this.refuse(
        "has its channels first",
        "Train with data_format='channels_last', Keras' own default.",
      );
    }
    const image = input.shape.length === axes + 2 ? asImage(this.graph, input, this.origin) : null;
    return (
      image ?? this.refuse(`works on [${input.shape.join(", ")}], which has not ${axes + 2} axes`)
    );
  }

  image(axes: 1 | 2): KerasTensor {
    return withZeros(this.graph, this.padded(axes), this.origin);
  }

  /** An array of the layer, under the first of these names that it has. Throws if there is none. */
  weight(...roles: readonly string[]): KerasArray {
    const has = [...this.weights.keys()];
    return this.find(roles) ?? fail(missingWeight(this.origin, roles[0] ?? "", has));
  }

  /** The bias, after its quantiser if it has one; null where the layer has none. */
  bias(outputs: number, rule: WeightRule | null = null): Constant | null {
    if (!this.config.flag("use_bias", true)) return null;
    const own = this.vector("bias", outputs);
    if (rule === null) return own;
    return { ...own, data: valuesOf(rule.apply(own)) };
  }

  vector(role: string, length: number): Constant {
    const { shape, data } = this.weight(role);
    if (data.length !== length || shape.length !== 1) {
      fail(weightShape(this.origin, role, shape, `[${length}]`));
    }
    return { shape, data };
  }

  /**
   * A kernel of an expected shape (null fits any extent), quantised by its rule, its axes permuted
   * and then reshaped as the Graph has them.
   */
  kernel(
    roles: readonly string[],
    expected: readonly (number | null)[],
    rule: WeightRule | null,
    arrange: { readonly permutation: readonly number[]; readonly shape?: (own: Shape) => Shape },
  ): Constant {
    const own = this.weight(...roles);
    const role = roles[0] ?? "";
    const fits =
      own.shape.length === expected.length &&
      own.shape.every((extent, axis) => extent > 0 && (expected[axis] ?? extent) === extent);
    if (!fits) {
      const text = expected.map((extent) => extent ?? "any").join(", ");
      fail(weightShape(this.origin, role, own.shape, `[${text}]`));
    }
    demandFinite(`${this.origin.name}/${role}`, own);
    const tensor = rule === null ? floats(own) : quantised(own.shape, rule.apply(own));
    const moved = transpose(tensor, arrange.permutation);
    const { shape, grid } = reshape(moved, arrange.shape?.(moved.shape) ?? moved.shape);
    const data = Float64Array.from(moved.data);
    return {
      shape,
      data: own.data instanceof Float32Array ? Float32Array.from(moved.data) : data,
      ...(grid === undefined ? {} : { grid }),
      ...(rule === null ? {} : { rule: rule.text }),
    };
  }

  refuse(reason: string, hint?: string): never {
    throw new UnsupportedForm(reason, hint);
  }

  private find(roles: readonly string[]): KerasArray | undefined {
    for (const role of roles) {
      const found = this.weights.get(role);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function floats({ shape, data }: KerasArray): Tensor {
  return { type: data instanceof Float32Array ? "float32" : "float64", shape, data };
}

function quantised(shape: Shape, quantized: Quantized): Tensor {
  const { integers, scales } = quantized;
  const axis = scales.length === 1 ? null : shape.length - 1;
  return { type: "float32", shape, data: valuesOf(quantized), grid: { integers, scales, axis } };
}
