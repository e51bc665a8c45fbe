import { fingerprintOf } from "../emit/index.js";
import type { Network } from "../network/types.js";
import {
  type Difference,
  decodeTensor,
  ELEMENT_SIZE,
  encodeTensor,
  firstMismatch,
  numberOf,
  type Subject,
  type TensorFormat,
  type Vectors,
} from "../verify/index.js";
import * as say from "./diagnostics.js";
import { crc32 } from "./frame.js";
import { type DeviceModel, openSession, type Ran, type Session } from "./session.js";
import { openTransport, type Transport } from "./transport.js";

export interface DeviceOptions {
  /** Bits a second; default 115200. */
  readonly baud?: number;
  /**
   * Compare every layer of every vector: `where-traced` if the firmware traces its layers,
   * `required` or not at all. Without it layers are compared after a difference only.
   */
  readonly layers?: "where-traced" | "required";
  /** Longest run of the model, in milliseconds. Default one minute. */
  readonly timeoutMs?: number;
  readonly onVector?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What was measured on a device; what it cannot measure is null. */
export interface DeviceReport {
  readonly port: string;
  readonly equal: boolean;
  /** Vectors whose outputs were compared. */
  readonly vectors: number;
  /** Vectors of which every layer was compared, too. */
  readonly layersCompared: number;
  readonly firstDifference: Difference | null;
  readonly ticks: Ticks | null;
  /** The most bytes of stack that a call used, interrupts included. */
  readonly stack: number | null;
  /** Requests that had to be repeated because of a bad line. */
  readonly repeats: number;
}

/** Of one call of the model. `perSecond` is null when the device does not know. */
export interface Ticks {
  readonly name: string;
  readonly perSecond: number | null;
  readonly min: number;
  readonly max: number;
}

const DEFAULT_BAUD = 115_200;
const DEFAULT_TIMEOUT_MS = 60_000;
/** How often an input is written again to a device that forgot it. */
const INPUT_TRIES = 3;

/** What the steps of one verification share. */
interface Job {
  readonly port: string;
  readonly subject: Subject;
  readonly vectors: Vectors;
  readonly session: Session;
}

/**
 * Runs a network on a device at a serial port (or `tcp:HOST:PORT`) on every vector, and compares
 * every output with the expected one, bit for bit. The device runs the files of
 * `tritc compile --serial`. Stops at the first difference, and finds the layer that makes it where
 * the firmware traces its layers.
 *
 * Throws a DiagnosticError (`device/...`, `tool/no-serial-library`) when there is nothing to compare.
 */
export async function verifyDevice(
  network: Network,
  subject: Subject,
  vectors: Vectors,
  port: string,
  options: DeviceOptions = {},
): Promise<DeviceReport> {
  const transport = await openTransport(port, options.baud ?? DEFAULT_BAUD);
  return talkTo(transport, network, subject, vectors, port, options);
}

/** The same over a line that is open already, and is closed at the end. */
export async function talkTo(
  transport: Transport,
  network: Network,
  subject: Subject,
  vectors: Vectors,
  port: string,
  options: DeviceOptions = {},
): Promise<DeviceReport> {
  const { signal, layers, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  try {
    const session = openSession(transport, { port, runLimitMs: timeoutMs, signal });
    const job = { port, subject, vectors, session };
    const device = await session.hello();
    checkDevice(job, network, device);
    if (layers === "required" && device.layers === 0) {
      throw say.thrown(say.notTraced(port, `${subject.name.toUpperCase()}_TRACE`));
    }
    return await compareAll(job, device, options);
  } finally {
    await transport.close();
  }
}

function checkDevice({ port, subject }: Job, network: Network, device: DeviceModel): void {
  const describe = (name: string, print: string, input: number, output: number) =>
    `${name} (network ${print}, ${input} bytes in, ${output} out)`;
  const is = describe(device.name, device.fingerprint, device.inputBytes, device.outputBytes);
  const { input, output, name } = subject;
  const must = describe(name, fingerprintOf(network), sizeOf(input), sizeOf(output));
  const same =
    device.fingerprint === fingerprintOf(network) &&
    device.inputBytes === sizeOf(input) &&
    device.outputBytes === sizeOf(output);
  if (!same) throw say.thrown(say.otherModel(port, is, must));
}

async function compareAll(
  job: Job,
  device: DeviceModel,
  { layers, onVector }: DeviceOptions,
): Promise<DeviceReport> {
  const { vectors, subject, session, port } = job;
  const { elements } = subject.output;
  const runs: Ran[] = [];
  let layersCompared = 0;
  let firstDifference: Difference | null = null;
  while (firstDifference === null && runs.length < vectors.count) {
    const vector = runs.length;
    const { ran, output } = await runVector(job, vector);
    const expected = vectors.expected.subarray(vector * elements, (vector + 1) * elements);
    const element = firstMismatch(expected, output);
    if (element !== null || layers !== undefined) {
      firstDifference = await compareLayers(job, device, vector);
      layersCompared += device.layers > 0 ? 1 : 0;
    }
    if (element !== null) {
      const { type } = subject.output;
      const [right = 0, actual = 0] = [expected[element], output[element]];
      firstDifference ??= {
        vector,
        layer: null,
        element,
        expected: numberOf(right, type),
        actual: numberOf(actual, type),
      };
    }
    runs.push(ran);
    onVector?.(runs.length, vectors.count);
  }
  const stack = Math.max(...runs.map((ran) => ran.stack));
  return {
    port,
    equal: firstDifference === null,
    vectors: runs.length,
    layersCompared,
    firstDifference,
    ticks: ticksOf(device, runs),
    stack: stack === 0 ? null : stack,
    repeats: session.repeats(),
  };
}

/** A counter that stands still counts nothing. */
function ticksOf({ ticks }: DeviceModel, runs: readonly Ran[]): Ticks | null {
  const counts = runs.map((ran) => ran.ticks);
  if (ticks === null || counts.every((count) => count === 0)) return null;
  const perSecond = ticks.perSecond === 0 ? null : ticks.perSecond;
  return { name: ticks.name, perSecond, min: Math.min(...counts), max: Math.max(...counts) };
}

async function runVector(job: Job, vector: number): Promise<{ ran: Ran; output: Int32Array }> {
  const { vectors, subject, session, port } = job;
  const { input, output } = subject;
  const from = vector * input.elements;
  const bytes = encodeTensor(vectors.inputs.subarray(from, from + input.elements), input.type);
  for (let attempt = 0; attempt < INPUT_TRIES; attempt++) {
    await session.writeInput(bytes);
    const ran = await session.run();
    if (ran.inputCrc !== crc32(bytes)) continue;
    const read = await session.readOutput(sizeOf(output));
    // A device that restarted between the run and here gives another output.
    if (ran.outputCrc !== crc32(read)) continue;
    return { ran, output: decodeTensor(read, 0, output.elements, output.type) };
  }
  throw say.thrown(say.restarted(port, vector));
}

/** The first layer of a vector, written already, that is not as expected; null when all are. */
async function compareLayers(
  job: Job,
  device: DeviceModel,
  vector: number,
): Promise<Difference | null> {
  const { subject, vectors, session, port } = job;
  if (device.layers === 0) return null;
  if (device.layers !== subject.layers.length) {
    const counts = `it has ${device.layers} of them instead of ${subject.layers.length}`;
    throw say.thrown(say.wrongTrace(port, counts));
  }
  const digests = await session.runForDigests(device.layers);
  const expected = vectors.trace(vector);
  for (const [index, { name, origin, format }] of subject.layers.entries()) {
    const digest = digests[index];
    const right = expected[index];
    if (digest?.layer !== index || digest.bytes !== sizeOf(format) || right === undefined) {
      const must = `layer ${index} (${name}) should have ${sizeOf(format)} bytes`;
      throw say.thrown(say.wrongTrace(port, must));
    }
    if (digest.crc === crc32(encodeTensor(right, format.type))) continue;
    const bytes = await session.runForTensor(index, sizeOf(format));
    if (bytes.length !== sizeOf(format)) {
      throw say.thrown(say.wrongTrace(port, `layer ${index} sent ${bytes.length} bytes`));
    }
    const actual = decodeTensor(bytes, 0, format.elements, format.type);
    const element = firstMismatch(right, actual);
    if (element === null) continue;
    const layer = { index, name, origin };
    const [must = 0, is = 0] = [right[element], actual[element]];
    const { type } = format;
    return { vector, layer, element, expected: numberOf(must, type), actual: numberOf(is, type) };
  }
  return null;
}

function sizeOf({ elements, type }: TensorFormat): number {
  return elements * ELEMENT_SIZE[type];
}
