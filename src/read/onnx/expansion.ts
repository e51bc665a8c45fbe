import type { onnx } from "onnx-proto";
import type { FileNode } from "./decode.js";

/** The nodes that stand for one node of the file. All of them bear its name. */
export class Expansion {
  readonly nodes: FileNode[] = [];

  constructor(
    readonly node: FileNode,
    private readonly taken: Set<string>,
  ) {}

  /** Name of input `index`; "" if the file leaves it out. */
  input(index: number): string {
    return this.node.inputs[index] ?? "";
  }

  /** An integer attribute. */
  int(name: string, fallback: number): number {
    const value = this.node.attributes.get(name)?.i ?? fallback;
    return typeof value === "number" ? value : value.toNumber();
  }

  /**
   * Adds a node of ONNX's own operators.
   *
   * @param output a new name unless given
   * @returns its output
   */
  add(
    op: string,
    inputs: readonly string[],
    attributes: FileNode["attributes"] = NO_ATTRIBUTES,
    output = this.fresh(op),
  ): string {
    this.nodes.push({
      op,
      domain: "",
      origin: this.node.origin,
      inputs,
      outputs: [output],
      attributes,
    });
    return output;
  }

  /** The node's own output, made by that operator. */
  finish(op: string, inputs: readonly string[], attributes = NO_ATTRIBUTES): void {
    this.add(op, inputs, attributes, this.node.outputs[0] ?? "");
  }

  float(value: number): string {
    return this.add("Constant", [], attributesOf({ value_float: { f: value } }));
  }

  private fresh(op: string): string {
    const base = `${this.node.outputs[0] ?? ""}.${op}`;
    let name = base;
    for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}

const NO_ATTRIBUTES: FileNode["attributes"] = new Map();

export function attributesOf(
  values: Readonly<Record<string, Omit<onnx.IAttributeProto, "name">>>,
): FileNode["attributes"] {
  return new Map(Object.entries(values));
}
