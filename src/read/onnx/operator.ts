import type { GraphBuilder } from "./builder.js";
import type { NodeView } from "./node-view.js";
import type { Tensor } from "./tensor.js";

/** Turns one node of the file into nodes of the Graph, and binds its outputs. */
export type Translator = (node: NodeView, build: GraphBuilder) => void;

/** Computes the only output of a node whose inputs are constants. */
export type Evaluator = (node: NodeView) => Tensor;

/** How an operator is read: at run time, on constants, or both. */
export interface Operator {
  /** What of it is supported, for people. */
  readonly limits: string;
  readonly translate?: Translator;
  readonly evaluate?: Evaluator;
  /** It needs only the shapes of its inputs, so that run-time tensors do as well. */
  readonly shapeOnly?: true;
}

/** By operator type. */
export type OperatorTable = Readonly<Record<string, Operator>>;
