import * as say from "./diagnostics.js";
import { DATA_BYTES, encodeFrame, type Frame, PROTOCOL_VERSION } from "./frame.js";
import { ANSWER, type Answered, LAYER, listenTo, TENSOR } from "./line.js";
import type { Transport } from "./transport.js";

/** Request and answer types; an answer is its request with the top bit set. */
const HELLO = 0x01;
const WRITE = 0x02;
const RUN = 0x03;
const READ = 0x04;

const NO_LAYERS = 0xffffffff;
const ALL_DIGESTS = 0xfffffffe;

/** What the device says of itself. */
export interface DeviceModel {
  readonly name: string;
  /** Eight bytes in hexadecimal. */
  readonly fingerprint: string;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Layers that it traces. */
  readonly layers: number;
  /** Null when it has no counter. `perSecond` is 0 when the device does not know. */
  readonly ticks: { readonly name: string; readonly perSecond: number } | null;
}

/** CRC-32 of a layer's tensor. */
export interface LayerDigest {
  readonly layer: number;
  readonly bytes: number;
  readonly crc: number;
}

export interface Ran {
  /** CRC-32 of the input that was run, and of its output. */
  readonly inputCrc: number;
  readonly outputCrc: number;
  readonly ticks: number;
  /** Bytes; 0 when the device cannot tell. */
  readonly stack: number;
}

/** A conversation with a device. Every function throws `device/...` diagnostics. */
export interface Session {
  readonly hello: () => Promise<DeviceModel>;
  readonly writeInput: (bytes: Uint8Array) => Promise<void>;
  readonly run: () => Promise<Ran>;
  /** One for each layer, in order; fewer only when the line loses some of them every time. */
  readonly runForDigests: (layers: number) => Promise<readonly LayerDigest[]>;
  /** A layer's tensor; shorter than `bytes` only when the line loses some of it every time. */
  readonly runForTensor: (layer: number, bytes: number) => Promise<Uint8Array>;
  readonly readOutput: (bytes: number) => Promise<Uint8Array>;
  /** Requests that had to be repeated. */
  readonly repeats: () => number;
}

export interface SessionSettings {
  /** For diagnostics. */
  readonly port: string;
  /** Longest run of the model, in milliseconds. */
  readonly runLimitMs: number;
  /** Longest time for any other answer. Default 1000. */
  readonly answerLimitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_ANSWER_LIMIT_MS = 1_000;
const TRIES = 4;
/** Opening a port restarts many boards, and some wait for seconds before they run. */
const HELLO_TRIES = 12;

interface Request {
  readonly type: number;
  readonly payload: Uint8Array;
  /** For people: "the request to ...". */
  readonly what: string;
  readonly limitMs: number;
  readonly tries: number;
}

/** The answer's payload, and the frames that came before it while the model ran. */
interface Answer {
  readonly payload: DataView;
  readonly before: readonly Frame[];
}

export function openSession(transport: Transport, settings: SessionSettings): Session {
  const { port, runLimitMs, signal } = settings;
  const limitMs = settings.answerLimitMs ?? DEFAULT_ANSWER_LIMIT_MS;
  const line = listenTo(transport);
  let sequence = 0;
  let repeated = 0;

  async function ask(request: Request): Promise<Answer> {
    let heard: Uint8Array | null = null;
    for (let attempt = 0; attempt < request.tries; attempt++) {
      if (attempt > 0) repeated++;
      sequence = (sequence + 1) % 256;
      const { type, payload } = request;
      const reply = line.expect(sequence, request.limitMs, runLimitMs, signal);
      const written = transport.write(
        encodeFrame({ version: PROTOCOL_VERSION, sequence, type, payload }),
      );
      written.catch((error: Error) => line.lose(error.message));
      const result = await reply;
      switch (result.kind) {
        case "answer":
          return understand(result, request);
        case "lost":
          throw say.thrown(say.lost(port, result.reason));
        case "noise":
          heard = result.bytes;
          break;
        case "silence":
          break;
        default:
          result satisfies never;
      }
    }
    if (heard !== null) throw say.thrown(say.noise(port, request.what, heard));
    throw say.thrown(say.noAnswer(port, request.what));
  }

  function understand({ frame, before }: Answered, { type, what }: Request): Answer {
    const { version, payload } = frame;
    if (version !== PROTOCOL_VERSION) {
      throw say.thrown(say.otherProtocol(port, version, PROTOCOL_VERSION));
    }
    if (frame.type !== (type | ANSWER)) throw say.thrown(say.refused(port, what));
    return { payload: new DataView(payload.buffer, payload.byteOffset, payload.length), before };
  }

  const short = { limitMs, tries: TRIES };
  const runModel = (wanted: number) =>
    ask({ ...short, type: RUN, payload: words(wanted), what: "to run" });

  return {
    repeats: () => repeated,
    hello: async () => {
      const what = "the question who it is";
      const request = { type: HELLO, payload: words(), what, limitMs, tries: HELLO_TRIES };
      return deviceModel((await ask(request)).payload, port);
    },
    writeInput: async (bytes) => {
      const what = "to take an input";
      for (let offset = 0; offset < bytes.length; offset += DATA_BYTES) {
        const piece = bytes.subarray(offset, offset + DATA_BYTES);
        await ask({ ...short, type: WRITE, payload: joined(words(offset), piece), what });
      }
    },
    run: async () => {
      const { payload } = await runModel(NO_LAYERS);
      needs(payload, 16, port);
      const [inputCrc = 0, outputCrc = 0, ticks = 0, stack = 0] = wordsOf(payload, 4);
      return { inputCrc, outputCrc, ticks, stack };
    },
    runForDigests: (layers) =>
      untilWhole(layers, async () => {
        const { before } = await runModel(ALL_DIGESTS);
        return before
          .filter(({ type, payload }) => type === LAYER && payload.length >= 12)
          .map(digestOf);
      }),
    runForTensor: (layer, bytes) =>
      untilWhole(bytes, async () => {
        const { before } = await runModel(layer);
        const pieces = before.filter(({ type }) => type === TENSOR);
        return joined(...pieces.map(({ payload }) => payload.subarray(4)));
      }),
    readOutput: async (bytes) => {
      const pieces: Uint8Array[] = [];
      for (let offset = 0; offset < bytes; offset += DATA_BYTES) {
        const count = Math.min(DATA_BYTES, bytes - offset);
        const payload = joined(words(offset), Uint8Array.of(count));
        const answer = await ask({ ...short, type: READ, payload, what: "to give its output" });
        needs(answer.payload, count, port);
        pieces.push(new Uint8Array(answer.payload.buffer, answer.payload.byteOffset, count));
      }
      return joined(...pieces);
    },
  };
}

function digestOf({ payload }: Frame): LayerDigest {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const [layer = 0, bytes = 0, crc = 0] = wordsOf(view, 3);
  return { layer, bytes, crc };
}

/** What comes before an answer is not repeated when it is lost: all of it is asked for again. */
async function untilWhole<T extends { readonly length: number }>(
  length: number,
  get: () => Promise<T>,
): Promise<T> {
  let got = await get();
  for (let attempt = 1; attempt < TRIES && got.length !== length; attempt++) got = await get();
  return got;
}

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return new Uint8Array(view.buffer);
}

function wordsOf(view: DataView, count: number): number[] {
  return Array.from({ length: count }, (_, index) => view.getUint32(4 * index, true));
}

function joined(...pieces: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

function needs(payload: DataView, bytes: number, port: string): void {
  if (payload.byteLength < bytes) throw say.thrown(say.refused(port, "to answer in full"));
}

function deviceModel(payload: DataView, port: string): DeviceModel {
  needs(payload, 26, port);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const name = textAt(bytes, 24);
  const ticksName = textAt(bytes, 25 + name.length);
  return {
    fingerprint: bytes.toString("hex", 0, 8),
    inputBytes: bytes.readUInt32LE(8),
    outputBytes: bytes.readUInt32LE(12),
    layers: bytes.readUInt32LE(16),
    ticks: ticksName === "" ? null : { name: ticksName, perSecond: bytes.readUInt32LE(20) },
    name,
  };
}

/** A length and so many bytes of text. */
function textAt(bytes: Buffer, at: number): string {
  return bytes.toString("latin1", at + 1, at + 1 + (bytes[at] ?? 0));
}
