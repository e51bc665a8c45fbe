import type { GraphBuilder } from "./builder.js";
import type { Expansion } from "./expansion.js";
import type { NodeView } from "./node-view.js";
import type { Tensor } from "./tensor.js";

/** Turns one node of the file into nodes of the Graph, and binds its outputs. */
export type Translator = (node: NodeView, build: GraphBuilder) => void;

/** Computes the only output of a node whose inputs are constants. */
export type Evaluator = (node: NodeView) => Tensor;

/** How an operator is read: at run time, on constants, or both; or as other operators. */
export interface Operator {
  /** What of it is supported, for people. */
  readonly limits: string;
  readonly translate?: Translator;
  /** Adds the nodes it stands for; false if it is in a form that they cannot express. */
  readonly expand?: (to: Expansion) => boolean;
  readonly evaluate?: Evaluator;
  /**
   * The inputs whose elements `evaluate` needs; all unless given. Of the others shape and type are
   * enough, so that run-time tensors do as well.
   */
  readonly needs?: readonly number[];
}

/** By operator type. */
export type OperatorTable = Readonly<Record<string, Operator>>;
