import type { Command } from "commander";
import type { Diagnostic } from "../diagnostics.js";
import type { OutputFs } from "../io/output.js";

/** The world that a command talks to; tests bring their own. */
export interface Io {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What output files are written with; default the file system. */
  readonly outputFs?: OutputFs;
  /** Where Ctrl-C is heard; default nowhere. */
  readonly signals?: Signals;
}

/** The part of `process` that tells of signals. */
export interface Signals {
  on(signal: SignalName, listener: (signal: SignalName) => void): unknown;
  off(signal: SignalName, listener: (signal: SignalName) => void): unknown;
}

export type SignalName = "SIGINT" | "SIGTERM";

export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a command found out: the same as text and as an object. */
export interface Outcome {
  readonly text: string;
  /** The command's own fields of the `--json` object. */
  readonly json: object;
  readonly remarks: readonly Diagnostic[];
  /** Why the exit code is not 0 although there is something to show. */
  readonly errors?: readonly Diagnostic[];
}

/** Runs a command's action and shows its outcome. */
export type Run = (action: () => Promise<Outcome>) => Promise<void>;

/** Adds one command to the program. */
export type AddCommand = (program: Command, io: Io, run: Run) => void;
