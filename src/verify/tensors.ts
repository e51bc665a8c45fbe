import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import type { Difference, ElementType, Subject, TensorFormat } from "./types.js";
import { ELEMENT_SIZE, OUTPUTS_FILE, TRACE_FILE } from "./workspace.js";

const READERS: Readonly<Record<ElementType, (view: DataView, offset: number) => number>> = {
  int8: (view, offset) => view.getInt8(offset),
  uint8: (view, offset) => view.getUint8(offset),
  int16: (view, offset) => view.getInt16(offset, true),
  int32: (view, offset) => view.getInt32(offset, true),
  float32: (view, offset) => view.getInt32(offset, true),
};

const WRITERS: Readonly<
  Record<ElementType, (view: DataView, offset: number, value: number) => void>
> = {
  int8: (view, offset, value) => view.setInt8(offset, value),
  uint8: (view, offset, value) => view.setUint8(offset, value),
  int16: (view, offset, value) => view.setInt16(offset, value, true),
  int32: (view, offset, value) => view.setInt32(offset, value, true),
  float32: (view, offset, value) => view.setInt32(offset, value, true),
};

/**
 * Bytes as the C wrote them to integers, float32 to its bits; `elements` of them from a byte offset
 * on.
 */
export function decodeTensor(
  bytes: Uint8Array,
  offset: number,
  elements: number,
  type: ElementType,
): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[type];
  const size = ELEMENT_SIZE[type];
  return Int32Array.from({ length: elements }, (_, index) => read(view, offset + index * size));
}

/** Integers as the C stores them; the inverse of `decodeTensor`. */
export function encodeTensor(values: ArrayLike<number>, type: ElementType): Uint8Array {
  const size = ELEMENT_SIZE[type];
  const view = new DataView(new ArrayBuffer(values.length * size));
  const write = WRITERS[type];
  for (let i = 0; i < values.length; i++) write(view, i * size, values[i] ?? 0);
  return new Uint8Array(view.buffer);
}

/** The outputs that a run of `count` vectors left in its folder. Throws `verify/short-output`. */
export async function readOutputs(
  target: string,
  folder: string,
  format: TensorFormat,
  count: number,
): Promise<Int32Array> {
  const bytes = await readFile(join(folder, OUTPUTS_FILE));
  const elements = count * format.elements;
  const size = elements * ELEMENT_SIZE[format.type];
  if (bytes.length !== size) fail(say.shortOutput(target, OUTPUTS_FILE, bytes.length, size));
  return decodeTensor(bytes, 0, elements, format.type);
}

/** Index of the first element that differs, or null. The arrays have equal lengths. */
export function firstMismatch(expected: Int32Array, actual: Int32Array): number | null {
  const index = expected.findIndex((value, i) => value !== actual[i]);
  return index < 0 ? null : index;
}

const TRACE_HEAD_BYTES = 8;

/** Bytes that a tracing build writes for one vector. */
export function traceBytes({ layers }: Subject): number {
  const sizes = layers.map(({ format }) => format.elements * ELEMENT_SIZE[format.type]);
  return sizes.reduce((sum, size) => sum + TRACE_HEAD_BYTES + size, 0);
}

/**
 * Every layer's tensor of each of the `count` vectors that a traced run left in its folder.
 * Throws `verify/wrong-trace` unless they are the subject's layers.
 */
export async function readTraces(
  target: string,
  folder: string,
  subject: Subject,
  count: number,
): Promise<Int32Array[][]> {
  const bytes = await readFile(join(folder, TRACE_FILE));
  const each = traceBytes(subject);
  const traces = Array.from({ length: count }, (_, vector) =>
    decodeTrace(target, bytes.subarray(0, (vector + 1) * each), vector * each, subject),
  );
  if (bytes.length !== count * each) {
    fail(say.wrongTrace(target, `there are more than ${subject.layers.length}`));
  }
  return traces;
}

function decodeTrace(
  target: string,
  bytes: Buffer,
  start: number,
  { layers }: Subject,
): Int32Array[] {
  let offset = start;
  return layers.map(({ name, format }, index) => {
    const size = format.elements * ELEMENT_SIZE[format.type];
    const must = `layer ${index} (${name}) with ${size} bytes`;
    if (offset + TRACE_HEAD_BYTES + size > bytes.length) {
      fail(say.wrongTrace(target, `the trace ends before ${must}`));
    }
    const layer = bytes.readUInt32LE(offset);
    const is = bytes.readUInt32LE(offset + 4);
    if (layer !== index || is !== size) {
      fail(say.wrongTrace(target, `layer ${layer} with ${is} bytes instead of ${must}`));
    }
    const tensor = decodeTensor(bytes, offset + TRACE_HEAD_BYTES, format.elements, format.type);
    offset += TRACE_HEAD_BYTES + size;
    return tensor;
  });
}

/** The number that a decoded element stands for: float32 is decoded as its bits. */
export function numberOf(element: number, type: ElementType): number {
  if (type !== "float32") return element;
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, element);
  return view.getFloat32(0);
}

/** The first element of a layer that is not the expected one; null where every layer agrees. */
export function locateDifference(
  { layers }: Subject,
  vector: number,
  expected: readonly Int32Array[],
  tensors: readonly Int32Array[],
): Difference | null {
  for (const [index, { name, origin, format }] of layers.entries()) {
    const right = expected[index];
    const actual = tensors[index];
    if (right === undefined || actual === undefined) break;
    const element = firstMismatch(right, actual);
    if (element === null) continue;
    return {
      vector,
      layer: { index, name, origin },
      element,
      expected: numberOf(right[element] ?? 0, format.type),
      actual: numberOf(actual[element] ?? 0, format.type),
    };
  }
  return null;
}
