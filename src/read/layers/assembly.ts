import { runPasses } from "../../graph/passes/index.js";
import type { Constant, Graph, GraphNode, TensorInfo } from "../../graph/types.js";
import { demandFinite } from "../finite.js";
import { demandSize } from "../onnx/tensor.js";

/** A run-time tensor of a Graph that is being built. */
export interface Flow extends TensorInfo {
  readonly name: string;
}

/** `Omit` that keeps the members of a union apart. */
export type Unnamed<T> = T extends GraphNode ? Omit<T, "output"> : never;

/** A Graph while a reader builds it, for files that hold layers rather than operators. */
export class Assembly {
  private readonly nodes: GraphNode[] = [];
  private readonly tensors = new Map<string, TensorInfo>();
  private readonly constants = new Map<string, Constant>();
  private readonly taken = new Set<string>();

  /** Adds the tensor that the user feeds. */
  input(name: string, info: TensorInfo): Flow {
    this.taken.add(name);
    demandSize(info.shape, name);
    this.tensors.set(name, info);
    return { name, ...info };
  }

  /** Adds a node. Its output is named after the node, or after `name`. */
  emit(node: Unnamed<GraphNode>, info: TensorInfo, name = node.origin.name): Flow {
    const output = this.fresh(name);
    demandSize(info.shape, output);
    this.nodes.push({ ...node, output });
    this.tensors.set(output, info);
    return { name: output, ...info };
  }

  /** Adds a constant and returns its name. Throws `read/not-finite`. */
  constant(name: string, constant: Constant): string {
    demandFinite(name, constant);
    const own = this.fresh(name);
    this.constants.set(own, constant);
    return own;
  }

  /** The whole Graph, tidied and checked. */
  finish(input: Flow, output: Flow): Graph {
    return runPasses({
      input: input.name,
      output: output.name,
      nodes: this.nodes,
      tensors: this.tensors,
      constants: this.constants,
    });
  }

  private fresh(base: string): string {
    let name = base;
    for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}
