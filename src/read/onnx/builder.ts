import type { Constant, GraphNode, TensorInfo } from "../../graph/types.js";
import { demandFinite } from "../finite.js";
import type { FileNode } from "./decode.js";
import type { Tensor } from "./tensor.js";
import type { RuntimeValue, Value } from "./value.js";

/** The Graph as far as it is built, and the values of the file's tensor names. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly tensors = new Map<string, TensorInfo>();
  readonly constants = new Map<string, Constant>();
  private readonly values = new Map<string, Value>();
  private readonly makers = new Map<string, GraphNode>();
  private readonly constantOwners = new Map<string, Tensor>();

  /**
   * @param taken every tensor name of the file; made-up names stay clear of them
   * @param readers the nodes that read each tensor
   * @param output the file's output
   * @param fixedBatch the batch size that was replaced by 1; 1 if none was
   */
  constructor(
    private readonly taken: Set<string>,
    private readonly readers: ReadonlyMap<string, readonly FileNode[]>,
    readonly output: string,
    readonly fixedBatch: number,
  ) {}

  /** Adds a node, and its output as a run-time tensor. */
  emit(node: GraphNode, info: TensorInfo): RuntimeValue {
    const value: RuntimeValue = { kind: "runtime", name: node.output, ...info };
    this.nodes.push(node);
    this.makers.set(node.output, node);
    this.tensors.set(node.output, info);
    this.bind(node.output, value);
    return value;
  }

  bind(name: string, value: Value): void {
    this.values.set(name, value);
  }

  value(name: string): Value | undefined {
    return this.values.get(name);
  }

  /** Forgets a constant that no later node reads, so that folding does not pile up copies. */
  release(name: string): void {
    if (this.values.get(name)?.kind === "constant") this.values.delete(name);
  }

  readersOf(name: string): readonly FileNode[] {
    return this.readers.get(name) ?? [];
  }

  /** The node that made a run-time tensor; undefined for the input. */
  maker(name: string): GraphNode | undefined {
    return this.makers.get(name);
  }

  /** A name for a tensor the file does not have. */
  fresh(base: string): string {
    let name = base;
    for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }

  /**
   * Adds a constant for the Graph; a tensor that is used twice is added once.
   *
   * @param name its name in the file, or that of the tensor it comes from
   * @returns its name in the Graph
   * @throws DiagnosticError if an element is NaN or infinite
   */
  constant(name: string, tensor: Tensor): string {
    if (this.constantOwners.get(name) === tensor) return name;
    demandFinite(name, tensor);
    const own = this.constants.has(name) ? this.fresh(name) : name;
    this.constantOwners.set(own, tensor);
    const { shape, grid, rule } = tensor;
    const known = {
      ...(grid === undefined ? {} : { grid }),
      ...(rule === undefined ? {} : { rule }),
    };
    this.constants.set(own, { shape, data: floatsOf(tensor), ...known });
    return own;
  }
}

function floatsOf({ data }: Tensor): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  return data.BYTES_PER_ELEMENT < 4 ? Float32Array.from(data) : Float64Array.from(data);
}
