import { fail } from "../../diagnostics.js";
import type { Constant, GraphNode, TensorInfo } from "../../graph/types.js";
import { tooLargeFile } from "../diagnostics.js";
import { demandFinite } from "../finite.js";
import { LIMITS } from "../limits.js";
import type { FileNode } from "./decode.js";
import { demandSize, type Tensor } from "./tensor.js";
import type { RuntimeValue, Value } from "./value.js";

/** The Graph as far as it is built, and the values of the file's tensor names. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly tensors = new Map<string, TensorInfo>();
  readonly constants = new Map<string, Constant>();
  private readonly values = new Map<string, Value>();
  private readonly makers = new Map<string, GraphNode>();
  private readonly positions = new Map<string, number>();
  /** Bytes of the constants that were computed, and of those that are held. */
  private readonly computed = new Map<string, number>();
  private held = 0;
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
    demandSize(info.shape, node.output);
    const value: RuntimeValue = { kind: "runtime", name: node.output, ...info };
    this.positions.set(node.output, this.nodes.length);
    this.nodes.push(node);
    this.makers.set(node.output, node);
    this.tensors.set(node.output, info);
    this.bind(node.output, value);
    return value;
  }

  bind(name: string, value: Value): void {
    this.values.set(name, value);
  }

  /** Whether the constants that are held are too many to go on. */
  get isFull(): boolean {
    return this.held > LIMITS.heldBytes;
  }

  /** Binds a constant that was computed. Throws `read/too-large` where such hold too much. */
  bindComputed(name: string, tensor: Tensor): void {
    this.held += tensor.data.byteLength;
    this.computed.set(name, tensor.data.byteLength);
    if (this.isFull) fail(tooLargeFile("the constants it computes", this.held));
    this.bind(name, { kind: "constant", tensor });
  }

  value(name: string): Value | undefined {
    return this.values.get(name);
  }

  /** Forgets a constant that no later node reads, so that folding does not pile up copies. */
  release(name: string): void {
    if (this.values.get(name)?.kind !== "constant") return;
    this.values.delete(name);
    // What is in the Graph stays.
    if (!this.constants.has(name)) this.held -= this.computed.get(name) ?? 0;
  }

  readersOf(name: string): readonly FileNode[] {
    return this.readers.get(name) ?? [];
  }

  /** The node that made a run-time tensor; undefined for the input. */
  maker(name: string): GraphNode | undefined {
    return this.makers.get(name);
  }

  /** The place among the nodes of the one that made a run-time tensor; -1 for the input. */
  position(name: string): number {
    return this.positions.get(name) ?? -1;
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
