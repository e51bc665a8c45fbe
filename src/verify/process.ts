import { spawn } from "node:child_process";

export interface ProcessOptions {
  readonly cwd?: string;
  /** The process is killed when it has printed nothing for so long, in milliseconds. */
  readonly silenceLimitMs: number;
  /** Aborting kills the process and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each whole line of standard output as it arrives. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended, and what it printed. */
export interface ProcessResult {
  readonly ending:
    | { readonly kind: "exited"; readonly code: number }
    | { readonly kind: "killed"; readonly signal: string }
    | { readonly kind: "silent"; readonly limitMs: number }
    | { readonly kind: "not-started"; readonly reason: string };
  readonly stdout: string;
  readonly stderr: string;
}

/** Far more than any tool here prints; a runaway process must not fill the memory. */
const MAX_CAPTURED = 8 * 1024 * 1024;

/**
 * Runs a program to its end, without a shell and without input. Never rejects because of what the
 * program does; only an aborted signal rejects.
 */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const { signal, silenceLimitMs } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const child = spawn(command, args, {
      // Some programs, Frama-C among them, believe PWD rather than ask where they are.
      ...(options.cwd === undefined
        ? {}
        : { cwd: options.cwd, env: { ...process.env, PWD: options.cwd } }),
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    let stdout = "";
    let stderr = "";
    let startError: Error | null = null;
    let silent = false;
    const kill = () => child.kill("SIGKILL");
    const watchdog = setTimeout(() => {
      silent = true;
      kill();
    }, silenceLimitMs);
    const splitter = lineSplitter(options.onLine);
    signal?.addEventListener("abort", kill);

    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      watchdog.refresh();
      if (stdout.length < MAX_CAPTURED) stdout += text;
      splitter(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      watchdog.refresh();
      if (stderr.length < MAX_CAPTURED) stderr += text;
    });
    child.on("error", (error) => {
      startError = error;
    });
    child.on("close", (code, killSignal) => {
      clearTimeout(watchdog);
      signal?.removeEventListener("abort", kill);
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      resolve({ ending: endingOf(code, killSignal), stdout, stderr });
    });

    function endingOf(code: number | null, killSignal: string | null): ProcessResult["ending"] {
      if (startError !== null) return { kind: "not-started", reason: startError.message };
      if (silent) return { kind: "silent", limitMs: silenceLimitMs };
      if (killSignal !== null) return { kind: "killed", signal: killSignal };
      return { kind: "exited", code: code ?? 0 };
    }
  });
}

function lineSplitter(onLine: ((line: string) => void) | undefined): (text: string) => void {
  if (onLine === undefined) return () => {};
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}

/** Runs tasks side by side, at most `limit` at a time; all have ended when this returns. */
export async function inParallel<T>(
  tasks: readonly (() => Promise<T>)[],
  limit: number,
): Promise<T[]> {
  const results: T[] = [];
  const failures: unknown[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task === undefined) return;
      try {
        results[index] = await task();
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
