import { lost, silent, thrown } from "../serial/diagnostics.js";
import type { Transport } from "../serial/transport.js";
import { type Event, eventOf, lineDecoder, type Wanted } from "./events.js";

/** What the device hears as requests: who it is, and the picture of its next frame. */
const WHO = "?".charCodeAt(0);
const PICTURE = "p".charCodeAt(0);

export interface WatchOptions {
  /** For diagnostics. */
  readonly port: string;
  /** Ask for the picture of every frame. */
  readonly pictures: boolean;
  /** The message that answers a device that asks for a frame; `last` where it is the end. */
  readonly send:
    | ((wanted: Wanted) => { readonly message: Uint8Array; readonly last: boolean })
    | null;
  /** Stop after so many classified frames; null: go on. */
  readonly count: number | null;
  /** Longest time without a byte, in milliseconds. */
  readonly silenceMs: number;
  readonly onEvent: (event: Event, line: string) => void;
  readonly signal?: AbortSignal;
}

/** A device that asks is silent until it is answered: what follows a question made it an old one. */
const QUIET_MS = 40;

/** A device that asked twice may still have a frame to classify when it is told that there are no more. */
const LAST_MS = 1000;

/** How many frames were classified as what, and how many had trouble. */
export interface Seen {
  readonly frames: number;
  readonly errors: number;
  /** By label, in order of appearance. */
  readonly classes: Readonly<Record<string, number>>;
}

/**
 * Listens to the camera application until it has said enough, and closes the line. Throws
 * `device/lost`, `device/silent`, or what `send` throws.
 */
export async function watch(transport: Transport, options: WatchOptions): Promise<Seen> {
  try {
    return await listen(transport, options);
  } finally {
    await transport.close();
  }
}

function listen(transport: Transport, options: WatchOptions): Promise<Seen> {
  const { port, pictures, send, count, silenceMs, onEvent, signal } = options;
  const classes: Record<string, number> = {};
  let frames = 0;
  let errors = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(thrown(silent(port, silenceMs / 1000)))),
      silenceMs,
    );
    const abort = () => end(() => reject(signal?.reason));
    const end = (settle: () => void) => {
      clearTimeout(timer);
      clearTimeout(asked);
      clearTimeout(ending);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const done = () => end(() => resolve({ frames, errors, classes }));
    const say = (bytes: Uint8Array) =>
      transport
        .write(bytes)
        .catch((error: Error) => end(() => reject(thrown(lost(port, error.message)))));

    let asked: NodeJS.Timeout | undefined;
    let ending: NodeJS.Timeout | undefined;
    const answer = async (wanted: Wanted) => {
      if (send === null) return;
      const { message, last } = send(wanted);
      await say(message);
      if (last) ending ??= setTimeout(done, LAST_MS);
    };
    const hear = (line: string) => {
      const event = eventOf(line);
      onEvent(event, line);
      if (event.kind === "error") errors++;
      clearTimeout(asked);
      if (event.kind === "want") {
        asked = setTimeout(() => {
          answer(event).catch((error: unknown) => end(() => reject(error)));
        }, QUIET_MS);
      }
      if (event.kind !== "frame") return;
      frames++;
      ending?.refresh();
      classes[event.label] = (classes[event.label] ?? 0) + 1;
      if (pictures) void say(Uint8Array.of(PICTURE));
      if (frames === count) done();
    };
    const decode = lineDecoder(hear);
    transport.listen({
      data: (bytes) => {
        timer.refresh();
        decode(bytes);
      },
      lost: (reason) =>
        ending === undefined ? end(() => reject(thrown(lost(port, reason)))) : done(),
    });
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    void say(pictures ? Uint8Array.of(WHO, PICTURE) : Uint8Array.of(WHO));
  });
}
