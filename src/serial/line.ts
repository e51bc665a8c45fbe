import { type Frame, frameDecoder, type Received } from "./frame.js";
import type { Transport } from "./transport.js";

/** Types of answers: a request's with the top bit set, and what comes before the answer to a run. */
export const ANSWER = 0x80;
export const STARTED = 0x90;
export const LAYER = 0x91;
export const TENSOR = 0x92;

/** After noise an answer may still come: the noise can be text that the program printed. */
const GRACE_MS = 200;

/** An answer, and the frames about layers that came before it. */
export interface Answered {
  readonly kind: "answer";
  readonly frame: Frame;
  readonly before: readonly Frame[];
}

export type Heard =
  | Answered
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "noise"; readonly bytes: Uint8Array }
  | { readonly kind: "silence" };

/** One request at a time: what is heard between asking and its answer. */
interface Expected {
  readonly sequence: number;
  readonly before: Frame[];
  noise: Uint8Array | null;
  readonly settle: (heard: Heard) => void;
  readonly soon: () => void;
  readonly running: () => void;
}

/** Hears what a device says, one request at a time. */
export function listenTo(transport: Transport) {
  let expected: Expected | null = null;
  let gone: string | null = null;

  const lose = (reason: string) => {
    gone = reason;
    expected?.settle({ kind: "lost", reason });
  };
  const hear = (received: Received) => {
    if (expected === null) return;
    if (received.kind === "noise") {
      expected.noise ??= received.bytes;
      expected.soon();
      return;
    }
    const { frame } = received;
    // The late answer to an earlier try is no answer to this one.
    if (frame.sequence !== expected.sequence) return;
    if (frame.type === STARTED || frame.type === LAYER || frame.type === TENSOR) {
      expected.before.push(frame);
      expected.running();
    } else if (frame.type >= ANSWER) {
      expected.settle({ kind: "answer", frame, before: expected.before });
    }
  };
  transport.listen({ data: frameDecoder(hear), lost: lose });

  function expect(
    sequence: number,
    limitMs: number,
    runLimitMs: number,
    signal?: AbortSignal,
  ): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        expected = null;
      };
      const settle = (heard: Heard) => {
        end();
        resolve(heard);
      };
      const giveUp = () => {
        const noise = expected?.noise ?? null;
        settle(noise === null ? { kind: "silence" } : { kind: "noise", bytes: noise });
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      let timer = setTimeout(giveUp, limitMs);
      const within = (ms: number) => () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, ms);
      };
      const soon = within(Math.min(GRACE_MS, limitMs));
      expected = { sequence, before: [], noise: null, settle, soon, running: within(runLimitMs) };
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else if (gone !== null) lose(gone);
    });
  }
  return { expect, lose };
}
