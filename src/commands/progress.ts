import ora from "ora";
import type { Io } from "./types.js";

/** Shown while something takes long; says nothing where nobody looks. */
export interface Progress {
  say(text: string): void;
  end(): void;
}

/** Work that is done sooner shows no progress. */
const PATIENCE_MS = 1000;

/** A spinner on standard error, if that is a terminal, once a second has passed. */
export function startProgress({ stderr, env }: Io, text: string): Progress {
  if (stderr.isTTY !== true) return { say: () => {}, end: () => {} };
  const plain = env.NO_COLOR !== undefined && env.NO_COLOR !== "";
  const spinner = ora({
    text,
    stream: stderr,
    discardStdin: false,
    isEnabled: true,
    color: plain ? false : "cyan",
  });
  const timer = setTimeout(() => spinner.start(), PATIENCE_MS);
  return {
    say(next) {
      spinner.text = next;
    },
    end() {
      clearTimeout(timer);
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
