import type { Rounding, Shape, TensorInfo, Window } from "../../graph/types.js";
import type { Order } from "../../graph/views.js";
import type { Tensor } from "./tensor.js";

/** What is known of a tensor name while nodes are translated. */
export type Value = ConstantValue | RuntimeValue | UnknownValue;

export interface ConstantValue {
  readonly kind: "constant";
  readonly tensor: Tensor;
}

export interface RuntimeValue {
  readonly kind: "runtime";
  /** The tensor of the Graph that holds it. */
  readonly name: string;
  readonly shape: Shape;
  readonly type: TensorInfo["type"];
  /** Zeros that a Pad node put around it and that the Conv which reads it takes over. */
  readonly pads?: Window["pads"];
  /** What the file did to it that only makes sense together with the node that reads it. */
  readonly pending?: Pending;
}

export type Pending =
  /** It is a sum that only makes sense when other terms cancel, or a rounding without bounds yet. */
  | { readonly kind: "sum"; readonly terms: readonly Term[]; readonly offset: number }
  /** It is an image, channels last, and read as the rows of its windows. */
  | { readonly kind: "patches"; readonly window: Window; readonly channels: number };

/** `factor` times a tensor, or times what it is rounded to. */
export interface Term {
  readonly of: RuntimeValue;
  /** How its axes stand in the sum. */
  readonly order: Order;
  readonly factor: number;
  /** The integers that it is rounded to lie between two bounds, perhaps infinite ones. */
  readonly rounded?: { readonly mode: Rounding; readonly low: number; readonly high: number };
}

/** Made by a node that could not be translated; what reads it is not to blame. */
export interface UnknownValue {
  readonly kind: "unknown";
  /** Whether it depends on the input, as far as can be told. */
  readonly runtime: boolean;
}

export { UnsupportedForm } from "../unsupported.js";
