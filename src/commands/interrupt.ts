import type { Io, SignalName } from "./types.js";

/**
 * A signal ends the process at once, unless something would be left behind: half of the files, a
 * temporary folder, an emulator that runs on. That work goes through one of these two functions.
 */

/** What shells expect: 128 and the number of the signal. */
const EXIT_CODES: Readonly<Record<SignalName, number>> = { SIGINT: 130, SIGTERM: 143 };

const SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM"];

/** The user ended a command. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: SignalName) {
    super(`interrupted by ${signal}`);
    this.exitCode = EXIT_CODES[signal];
  }
}

/** Work that cleans up when it is aborted. Throws `Interrupted` if a signal did that. */
export async function interruptible<T>(
  { signals }: Io,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (name: SignalName) => controller.abort(new Interrupted(name));
  for (const name of SIGNALS) signals?.on(name, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    // A signal also ends the programs that were started, and that can be noticed first.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const name of SIGNALS) signals?.off(name, stop);
  }
}

/** Short work that is done to its end whatever the user presses. */
export function uninterrupted<T>({ signals }: Io, work: () => T): T {
  const ignore = () => {};
  for (const name of SIGNALS) signals?.on(name, ignore);
  try {
    return work();
  } finally {
    for (const name of SIGNALS) signals?.off(name, ignore);
  }
}
