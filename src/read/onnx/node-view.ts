import type { onnx } from "onnx-proto";
import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { badAttribute, missingInput, shapeMismatch, showShape } from "../diagnostics.js";
import { type FileNode, toNumber } from "./decode.js";
import type { LoadExternal } from "./external.js";
import { readTensor } from "./initializers.js";
import { normalAxis, type Tensor } from "./tensor.js";
import { type Pending, type RuntimeValue, UnsupportedForm, type Value } from "./value.js";

/** AttributeProto.AttributeType (onnx.proto); 0 is what files of IR version 1 have. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** What is wrong with a tensor that waits for another node than it got. */
function unfinishedReason(pending: Pending): string {
  switch (pending.kind) {
    case "sum":
      return pending.terms.length === 1
        ? "which is rounded without bounds; put a Clip to them straight behind the rounding"
        : "which only an addition of the same tensor undoes";
    case "patches":
      return "the patches of an image, which only a MatMul takes over";
    default:
      return pending satisfies never;
  }
}

const latin1 = new TextDecoder("latin1");

/** One node of the file with the values of its inputs, as translators and evaluators see it. */
export class NodeView {
  constructor(
    private readonly node: FileNode,
    /** Version of the operator set the node belongs to. */
    readonly opset: number,
    private readonly values: readonly (Value | null)[],
    private readonly load: LoadExternal,
  ) {}

  get origin(): Origin {
    return this.node.origin;
  }

  /** Operator type without its domain. */
  get op(): string {
    return this.node.op;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  /** Name of output `index`; "" if the file leaves it out. */
  outputName(index = 0): string {
    return this.node.outputs[index] ?? "";
  }

  inputName(index: number): string {
    return this.node.inputs[index] ?? "";
  }

  /** Null for an optional input that is left out. */
  value(index: number): Value | null {
    return this.values[index] ?? null;
  }

  isConstant(index: number): boolean {
    return this.value(index)?.kind === "constant";
  }

  isRuntime(index: number): boolean {
    return this.value(index)?.kind === "runtime";
  }

  constant(index: number): Tensor {
    return this.optionalConstant(index) ?? fail(missingInput(this.origin, index));
  }

  optionalConstant(index: number): Tensor | null {
    const value = this.value(index);
    if (value === null) return null;
    if (value.kind === "constant") return value.tensor;
    return this.unsupported(
      `${this.inputName(index)} is computed at run time; it must be a constant`,
    );
  }

  /** A run-time tensor of any type, without pending padding. */
  runtime(index: number): RuntimeValue {
    const value = this.padded(index);
    if (value.pads === undefined) return value;
    return this.unsupported("its input is padded by a Pad node, which only a Conv takes over");
  }

  /** A run-time tensor that may carry the zeros of a Pad node. */
  padded(index: number): RuntimeValue {
    const value = this.unfinished(index);
    if (value.pending === undefined) return value;
    return this.unsupported(
      `works on ${this.inputName(index)}, ${unfinishedReason(value.pending)}`,
    );
  }

  /** A run-time tensor that may still need the node that reads it. */
  unfinished(index: number): RuntimeValue {
    const value = this.value(index);
    if (value === null) return fail(missingInput(this.origin, index));
    if (value.kind === "runtime") return value;
    return this.unsupported(`${this.inputName(index)} is a constant; it must be a run-time tensor`);
  }

  /** A run-time tensor of reals. */
  real(index: number): RuntimeValue {
    return this.demandReal(this.runtime(index));
  }

  demandReal(value: RuntimeValue): RuntimeValue {
    if (value.type === "real") return value;
    return this.unsupported(
      `works on ${value.type} directly`,
      "Turn integers into reals with DequantizeLinear or Cast before computing with them (QDQ format).",
    );
  }

  /** The only element of a constant. */
  scalar(index: number): number {
    const { data, shape } = this.constant(index);
    const [first] = data;
    if (first !== undefined && data.length === 1) return first;
    return this.unsupported(`${this.inputName(index)} ${showShape(shape)} must be a single number`);
  }

  /** Integers that are an attribute in old operator sets and an input in new ones. */
  integers(attribute: string, index: number): readonly number[] | null {
    const ints = this.ints(attribute);
    if (ints !== null) return ints;
    const tensor = this.optionalConstant(index);
    return tensor === null ? null : Array.from(tensor.data);
  }

  int(name: string, fallback: number): number {
    const attribute = this.attribute(name, "int");
    return attribute === null ? fallback : toNumber(attribute.i);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  float(name: string, fallback: number): number {
    return this.attribute(name, "float")?.f ?? fallback;
  }

  string(name: string, fallback: string): string {
    const bytes = this.attribute(name, "string")?.s;
    return bytes === null || bytes === undefined ? fallback : latin1.decode(bytes);
  }

  ints(name: string): readonly number[] | null {
    const attribute = this.attribute(name, "ints");
    return attribute === null ? null : (attribute.ints ?? []).map(toNumber);
  }

  floats(name: string): readonly number[] | null {
    return this.attribute(name, "floats")?.floats ?? null;
  }

  tensor(name: string): Tensor | null {
    const proto = this.attribute(name, "tensor")?.t ?? null;
    return proto === null ? null : readTensor(proto, this.outputName(), this.load);
  }

  /** Null if the node does not have it; a diagnostic if it has another type. */
  private attribute(name: string, type: keyof typeof ATTRIBUTE_TYPES): onnx.IAttributeProto | null {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return null;
    const code = attribute.type ?? 0;
    if (code !== 0 && code !== ATTRIBUTE_TYPES[type]) {
      fail(badAttribute(this.origin, name, `should be of type ${type}`));
    }
    return attribute;
  }

  hasAttribute(name: string): boolean {
    return this.node.attributes.has(name);
  }

  /** The attribute, an axis of `rank` axes, counted from the front. */
  axis(name: string, fallback: number, rank: number): number {
    const axis = this.int(name, fallback);
    return normalAxis(axis, rank) ?? this.badAxis(axis, rank);
  }

  badAxis(axis: number, rank: number): never {
    return fail(badAttribute(this.origin, "axis", `is ${axis}, for a tensor of ${rank} axes`));
  }

  /** The operator is read, but not with this attribute or input. */
  unsupported(reason: string, hint?: string): never {
    throw new UnsupportedForm(reason, hint);
  }

  misfit(detail: string): never {
    return fail(shapeMismatch(this.origin, this.outputName(), detail));
  }
}
