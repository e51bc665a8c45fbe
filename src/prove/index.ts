import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import type { Network } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { toolFailed } from "../verify/diagnostics.js";
import { requireTool } from "../verify/probe.js";
import { runProcess } from "../verify/process.js";
import { describeTool } from "../verify/toolchain.js";
import type { LayerInfo, Subject } from "../verify/types.js";
import { withWorkFolder, writeSources } from "../verify/workspace.js";
import { endedLayer, readFindings } from "./alarms.js";
import * as say from "./diagnostics.js";
import { proofProgram } from "./program.js";
import type { Alarm, Machine, Proof, ProveOptions } from "./types.js";

export type * from "./types.js";

const DEFAULT_TIMEOUT_MS = 600_000;
const PROGRAM = "proof.c";

/**
 * Proves with Frama-C's Eva that the generated C, on every input, reads and writes only inside its
 * arrays, reads only what was written, never overflows or truncates a signed number, never shifts by
 * too much, and keeps every tensor within the range that the network states.
 *
 * Returns what is not proved, if anything. Throws `tool/missing`, `tool/failed`,
 * `verify/proof-timeout`, `verify/proof-incomplete` or `output/work-folder`.
 */
export async function proveSubject(
  network: Network,
  subject: Subject,
  target: Target,
  options: ProveOptions = {},
): Promise<Proof> {
  const analyser = await requireTool("frama-c", target.id, options.env ?? process.env);
  const machine: Machine = target.machine.kind === "host" ? "gcc_x86_64" : "gcc_x86_32";
  return withWorkFolder(`prove-${target.id}`, options.workDir, async (folder) => {
    await writeSources(folder, subject, target);
    await writeFile(join(folder, PROGRAM), proofProgram(network, subject.name));
    const started = process.hrtime.bigint();
    const run = { target: target.id, command: analyser.command, machine, folder };
    const output = await analyse(run, subject, options);
    const { alarms, ended, counted } = readFindings(output, subject.layers.length);
    if (counted === null) fail(say.incomplete(target.id, "the analysis broke off", output));
    if (counted !== alarms.length) {
      fail(say.incomplete(target.id, `${counted} alarms, but ${alarms.length} were read`, output));
    }
    if (alarms.length === 0 && !ended) {
      fail(say.incomplete(target.id, "the end of the program was not reached", output));
    }
    return {
      target: target.id,
      machine,
      analyser: describeTool(analyser),
      proved: alarms.length === 0,
      alarms,
      seconds: Number(process.hrtime.bigint() - started) / 1e9,
    };
  });
}

/** What to tell about a proof that is none: one diagnostic for each alarm. */
export function unprovedAlarms({ target, alarms }: Proof, subject: Subject): Diagnostic[] {
  return alarms.map((alarm) => say.unproved(target, alarm, layerOf(alarm, subject)));
}

function layerOf({ layer }: Alarm, { layers }: Subject): LayerInfo | null {
  return layer === null ? null : (layers[layer] ?? null);
}

/**
 * Every loop is followed step by step, so that numbers stay exact; a value that stands twice in an
 * expression is split into pieces, so that `n & (n >> 31)` is understood.
 */
export function evaArguments(machine: Machine, name: string, sources: readonly string[]): string[] {
  return [
    ...["-machdep", machine],
    `-cpp-extra-args=-Imodel -D${name.toUpperCase()}_TRACE`,
    "-kernel-warn-key=annot:missing-spec=abort,typing:implicit-function-declaration=abort",
    "-warn-signed-overflow",
    "-warn-signed-downcast",
    "-warn-unsigned-downcast",
    "-warn-left-shift-negative",
    "-warn-invalid-pointer",
    "-warn-pointer-downcast",
    ...["-warn-special-float", "none"],
    ...[PROGRAM, ...sources],
    "-eva",
    "-eva-no-print",
    "-eva-no-show-progress",
    ...["-eva-precision", "0"],
    ...["-eva-auto-loop-unroll", "1000000000"],
    // For loops that are not counted: windows, halvings. More turns than these have.
    ...["-eva-min-loop-unroll", "256"],
    ...["-eva-subdivide-non-linear", "200"],
  ];
}

interface Run {
  readonly target: string;
  readonly command: string;
  readonly machine: Machine;
  readonly folder: string;
}

async function analyse(run: Run, subject: Subject, options: ProveOptions): Promise<string> {
  const { target, command, machine, folder } = run;
  const limit = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const sources = [...subject.sources.keys()]
    .filter((path) => path.endsWith(".c"))
    .map((path) => `model/${path}`);
  let done = 0;
  // The analyser talks while it works: silence says nothing about the time that a layer takes.
  const late = new AbortController();
  const watchdog = setTimeout(() => {
    late.abort(new DiagnosticError([say.tooSlow(target, subject.layers[done] ?? null, limit)]));
  }, limit);
  const passOn = () => late.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", passOn);
  const result = await runProcess(command, evaArguments(machine, subject.name, sources), {
    cwd: folder,
    silenceLimitMs: limit,
    signal: late.signal,
    onLine: (line) => {
      const layer = endedLayer(line);
      if (layer === null) return;
      done = layer + 1;
      watchdog.refresh();
      options.onLayer?.(done);
    },
  }).finally(() => {
    clearTimeout(watchdog);
    options.signal?.removeEventListener("abort", passOn);
  });
  const { ending, stdout, stderr } = result;
  const output = `${stdout}\n${stderr}`;
  switch (ending.kind) {
    case "exited":
      if (ending.code !== 0) fail(toolFailed(command, `ended with ${ending.code}`, output));
      return output;
    case "silent":
      return fail(say.tooSlow(target, subject.layers[done] ?? null, limit));
    case "killed":
      return fail(toolFailed(command, `was killed by ${ending.signal}`, output));
    case "not-started":
      return fail(toolFailed(command, `does not start: ${ending.reason}`, output));
    default:
      return ending satisfies never;
  }
}
