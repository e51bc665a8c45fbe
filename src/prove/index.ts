import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import type { Network } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { toolFailed } from "../verify/diagnostics.js";
import { requireTool } from "../verify/probe.js";
import { inParallel, runProcess } from "../verify/process.js";
import { describeTool } from "../verify/toolchain.js";
import type { Subject } from "../verify/types.js";
import { withWorkFolder, writeSources } from "../verify/workspace.js";
import { readFindings } from "./alarms.js";
import * as say from "./diagnostics.js";
import { kernelOf, losesSums, type Program, proofPrograms, SUMS } from "./program.js";
import type { Alarm, AssumedSums, Machine, Proof, ProveOptions } from "./types.js";

export type * from "./types.js";

const DEFAULT_TIMEOUT_MS = 600_000;

/**
 * Proves with Frama-C's Eva that the generated C, on every input, reads and writes only inside its
 * arrays, reads only what was written, never overflows or truncates a signed number, never shifts by
 * too much, and keeps every tensor within the range that the network states. Each layer is analysed by
 * itself, on all that its inputs may hold.
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
  const programs =
    proofPrograms(network, subject, target) ??
    fail(say.incomplete(target.id, "the calls of the layers are not those that tritc writes", ""));
  const machine: Machine = target.machine.kind === "host" ? "gcc_x86_64" : "gcc_x86_32";
  return withWorkFolder(`prove-${target.id}`, options.workDir, async (folder) => {
    await writeSources(folder, subject, target);
    const started = process.hrtime.bigint();
    const run = { target: target.id, command: analyser.command, machine, folder };
    const found = (await analyseAll(run, programs, subject, options)).flat();
    const alarms = distinct(found.filter((alarm) => !isAssumption(alarm, subject)));
    return {
      target: target.id,
      machine,
      analyser: describeTool(analyser),
      proved: alarms.length === 0,
      alarms,
      assumed: assumedOf(
        found.filter((alarm) => isAssumption(alarm, subject)),
        subject,
      ),
      seconds: Number(process.hrtime.bigint() - started) / 1e9,
    };
  });
}

/** Alarms of code that several layers share count once. */
function distinct(alarms: readonly Alarm[]): Alarm[] {
  const places = alarms.map(({ layer: _, ...place }) => JSON.stringify(place));
  return alarms.filter((_, i) => places.indexOf(places[i] ?? "") === i);
}

/** Whether an alarm only says that the range of a layer's sums got lost where it does. */
function isAssumption({ kind, layer }: Alarm, subject: Subject): boolean {
  const name = subject.layers[layer]?.name;
  const lost = kind.includes(`precondition '${SUMS}' got status unknown`);
  return lost && name !== undefined && losesSums(subject, name);
}

function assumedOf(alarms: readonly Alarm[], subject: Subject): AssumedSums[] {
  return [...new Set(alarms.map(({ layer }) => layer))].flatMap((index) => {
    const layer = subject.layers[index]?.name;
    const kernel = layer === undefined ? null : kernelOf(subject, layer);
    return layer === undefined || kernel === null ? [] : [{ layer, kernel }];
  });
}

/** What to tell about a proof that is none: one diagnostic for each alarm. */
export function unprovedAlarms({ target, alarms }: Proof, subject: Subject): Diagnostic[] {
  return alarms.map((alarm) => say.unproved(target, alarm, subject.layers[alarm.layer] ?? null));
}

/**
 * Every loop is followed step by step, so that numbers stay exact; a value that stands twice in an
 * expression is split into pieces, so that `n & (n >> 31)` is understood. States at each statement are
 * kept: functions that find the same memory again are not followed again.
 *
 * Conversions to unsigned types are defined for every number, and kernels with lanes in words live by
 * that: they are watched only where no function was taken at its word.
 */
export function evaArguments(
  machine: Machine,
  name: string,
  file: string,
  contract: string | null,
) {
  return [
    ...["-machdep", machine],
    `-cpp-extra-args=-Imodel -D${name.toUpperCase()}_TRACE`,
    "-kernel-warn-key=annot:missing-spec=abort,typing:implicit-function-declaration=abort",
    "-warn-signed-overflow",
    "-warn-signed-downcast",
    "-warn-left-shift-negative",
    "-warn-invalid-pointer",
    "-warn-pointer-downcast",
    ...["-warn-special-float", "none"],
    file,
    "-eva",
    "-eva-no-print",
    "-eva-no-show-progress",
    ...["-eva-precision", "0"],
    ...["-eva-auto-loop-unroll", "1000000000"],
    // For loops that are not counted: windows, halvings. More turns than these have.
    ...["-eva-min-loop-unroll", "256"],
    ...["-eva-subdivide-non-linear", "200"],
    ...(contract === null ? ["-warn-unsigned-downcast"] : ["-eva-use-spec", contract]),
  ];
}

interface Run {
  readonly target: string;
  readonly command: string;
  readonly machine: Machine;
  readonly folder: string;
}

/** What each program raises. The first that fails ends the others. */
async function analyseAll(
  run: Run,
  programs: readonly Program[],
  subject: Subject,
  options: ProveOptions,
): Promise<(readonly Alarm[])[]> {
  const stop = new AbortController();
  const passOn = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", passOn);
  const left = programs.map(({ layer }) => layer);
  const tasks = programs.map((program, i) => async () => {
    try {
      stop.signal.throwIfAborted();
      const alarms = await analyse(run, program, i, subject, { ...options, signal: stop.signal });
      left.splice(left.indexOf(program.layer), 1);
      if (!left.includes(program.layer)) {
        options.onLayer?.(subject.layers.length - new Set(left).size);
      }
      return alarms;
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  return inParallel(tasks, options.parallel ?? availableParallelism()).finally(() =>
    options.signal?.removeEventListener("abort", passOn),
  );
}

async function analyse(
  { target, command, machine, folder }: Run,
  program: Program,
  index: number,
  subject: Subject,
  options: ProveOptions,
): Promise<readonly Alarm[]> {
  const file = `proof_${index}.c`;
  await writeFile(join(folder, file), program.text);
  const output = await outputOf(
    command,
    evaArguments(machine, subject.name, file, program.contract),
    {
      folder,
      signal: options.signal,
      limitMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      late: (limit) => say.tooSlow(target, subject.layers[program.layer] ?? null, limit),
    },
  );
  const { alarms, ended, counted } = readFindings(output, program.layer);
  if (counted === null) fail(say.incomplete(target, "the analysis broke off", output));
  if (counted !== alarms.length) {
    fail(say.incomplete(target, `${counted} alarms, but ${alarms.length} were read`, output));
  }
  if (alarms.length === 0 && !ended) {
    fail(say.incomplete(target, "the end of the program was not reached", output));
  }
  return alarms;
}

interface Limits {
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly limitMs: number;
  readonly late: (limitMs: number) => Diagnostic;
}

/** What the analyser printed. It talks while it works: silence says nothing about how long it takes. */
async function outputOf(command: string, args: readonly string[], limits: Limits): Promise<string> {
  const { folder, signal, limitMs, late } = limits;
  const stop = new AbortController();
  const watchdog = setTimeout(() => stop.abort(new DiagnosticError([late(limitMs)])), limitMs);
  const passOn = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", passOn);
  const settings = { cwd: folder, silenceLimitMs: limitMs, signal: stop.signal };
  const { ending, stdout, stderr } = await runProcess(command, args, settings).finally(() => {
    clearTimeout(watchdog);
    signal?.removeEventListener("abort", passOn);
  });
  const output = `${stdout}\n${stderr}`;
  switch (ending.kind) {
    case "exited":
      if (ending.code !== 0) fail(toolFailed(command, `ended with ${ending.code}`, output));
      return output;
    case "silent":
      return fail(late(limitMs));
    case "killed":
      return fail(toolFailed(command, `was killed by ${ending.signal}`, output));
    case "not-started":
      return fail(toolFailed(command, `does not start: ${ending.reason}`, output));
    default:
      return ending satisfies never;
  }
}
