import type { Shape, TensorInfo, Window } from "../../graph/types.js";
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
}

/** Made by a node that could not be translated; what reads it is not to blame. */
export interface UnknownValue {
  readonly kind: "unknown";
  /** Whether it depends on the input, as far as can be told. */
  readonly runtime: boolean;
}

export { UnsupportedForm } from "../unsupported.js";
