import type { Compiled } from "../compile.js";
import { fail } from "../diagnostics.js";
import type { FileMap } from "../emit/index.js";
import { type Samples, simulateAll } from "../simulate/batch.js";
import type { Target } from "../targets/index.js";
import { type BuildSettings, buildPrograms } from "../verify/build.js";
import type { Configuration } from "../verify/configurations.js";
import type { Environment } from "../verify/probe.js";
import { runProgram } from "../verify/run.js";
import { measureSizes } from "../verify/sizes.js";
import { subjectOf, vectorsOf } from "../verify/subject.js";
import { firstMismatch, readOutputs } from "../verify/tensors.js";
import { describeTool, requireToolchain } from "../verify/toolchain.js";
import type { Subject, Vectors } from "../verify/types.js";
import { withWorkFolder, writeRunFolder, writeSources } from "../verify/workspace.js";
import {
  type Counted,
  type CountedCall,
  type Counter,
  type Executed,
  prepareCounter,
  readCounts,
  readProfile,
} from "./counter.js";
import { notCounted, notEmulated, wrongOutput } from "./diagnostics.js";
import { disassemble, symbols } from "./program.js";

export interface BenchOptions {
  readonly env?: Environment;
  readonly signal?: AbortSignal;
  /** Longest time for one input. Default ten minutes. */
  readonly timeoutMs?: number;
}

/** What runs of compiled C took. */
export interface Benchmark {
  readonly compiler: string;
  readonly emulator: string;
  /** Of one run: the least and the most over the inputs. */
  readonly instructions: Span;
  /** Estimated; null for cores without a model. */
  readonly cycles: Span | null;
  /** The most of each layer; null where the C does it together with the next one that has a number. */
  readonly layers: readonly (LayerWork | null)[];
  /** Every instruction that the last run executed, in the order of addresses. */
  readonly profile: readonly Executed[];
  /** Bytes of the model in the program: its code, its constants, its variables. */
  readonly code: number;
  readonly tables: number;
  readonly ram: number;
  /** Bytes of stack at the deepest. */
  readonly stack: number;
}

export interface Span {
  readonly min: number;
  readonly max: number;
}

export interface LayerWork {
  readonly instructions: number;
  readonly cycles: number | null;
  /** Bytes of the different instructions that it executed; functions shared with other layers count. */
  readonly codeBytes: number;
}

/** Cores whose cycles are estimated, and the model for each (firmware/bench). */
const MODELS: Readonly<Record<string, string>> = {
  "cortex-m0": "cortex-m0",
  "cortex-m0plus": "cortex-m0plus",
  "cortex-m3": "cortex-m3",
  "cortex-m4": "cortex-m4",
  "cortex-m33": "cortex-m4",
  "cortex-m7": "cortex-m7",
  "cortex-m55": "cortex-m55",
};

const TIMEOUT_MS = 600_000;

/**
 * Builds compiled C with marks after each layer, which cost no instruction, runs it on the emulated
 * core, and says what each run and each layer of it took. Throws `verify/wrong-output` when an output is
 * not the simulator's, `usage/cannot-bench`, `tool/...`, and what building and running throw.
 */
export async function benchmark(
  { network, name, files }: Pick<Compiled, "network" | "name" | "files">,
  inputs: Samples,
  configuration: Configuration,
  counter: Counter,
  options: BenchOptions = {},
): Promise<Benchmark> {
  const subject = subjectOf(network, name, files);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  return benchmarkSubject(subject, vectors, configuration, counter, options);
}

/** The same for C of any origin that is written as generated C is. */
export async function benchmarkSubject(
  unmarked: Subject,
  vectors: Vectors,
  configuration: Configuration,
  counter: Counter,
  { signal, env = process.env, timeoutMs: silenceLimitMs = TIMEOUT_MS }: BenchOptions = {},
): Promise<Benchmark> {
  const { id, target } = configuration;
  if (target.machine.kind === "host") fail(notEmulated(id));
  const toolchain = await requireToolchain(configuration, env);
  const subject = { ...unmarked, sources: withMarks(unmarked.sources, unmarked.name) };
  return withWorkFolder(id.replaceAll(":", "-"), undefined, async (folder) => {
    const job = { subject, configuration, toolchain, folder, silenceLimitMs, signal };
    await writeSources(folder, subject, target);
    const [path = ""] = await buildPrograms(job, ["plain"]);
    const { calls, profile, stack, marked } = await runCounted(job, path, vectors, counter);
    const sizes = await measureSizes(toolchain, path, signal);
    return {
      compiler: describeTool(toolchain.compiler),
      emulator: toolchain.emulator === null ? "" : describeTool(toolchain.emulator),
      ...workOf(calls, modelOf(target) !== null, subject.layers.length, marked),
      ...{ code: sizes.code, tables: sizes.tables, ram: sizes.data, stack, profile },
    };
  });
}

/** A label after a layer, by its index; no optimisation moves memory accesses across it. */
const MARK = '__asm__ volatile("tritc_after_%=_" #layer ":" ::: "memory")';
const MARK_SYMBOL = /^tritc_after_\d+_(\d+)u$/;

/** Generated C that has a label after each layer: it leaves what stands there to be defined. */
function withMarks(files: FileMap, name: string): FileMap {
  const mark = `#define ${name.toUpperCase()}_AFTER(layer, tensor, bytes) ${MARK}\n`;
  return new Map([...files].map(([f, text]) => [f, f.endsWith(".c") ? mark + text : text]));
}

/** Runs a program on all vectors with the plugin, and checks what it computed. */
async function runCounted(
  job: BuildSettings,
  path: string,
  vectors: Vectors,
  counter: Counter,
): Promise<{
  readonly calls: readonly CountedCall[];
  readonly profile: readonly Executed[];
  readonly marked: ReadonlySet<number>;
  readonly stack: number;
}> {
  const { subject, configuration, toolchain, folder, signal } = job;
  const { id, target } = configuration;
  const { count } = vectors;
  if (toolchain.emulator === null) throw new Error("an emulated target has an emulator");
  const model = modelOf(target);
  const program = { path, toolchain, signal };
  const run = await writeRunFolder(folder, "run", subject, vectors, { first: 0, count });
  const instructions = await disassemble(program, target.machine.kind);
  const places = placesOf(await symbols(program), subject.name, target);
  const plugin = await prepareCounter(run, await counter(toolchain.emulator), {
    ...{ model, instructions, stretches: subject.layers.length },
    ...places,
  });
  const settings = { ...job, onVector: () => {}, emulatorArguments: plugin };
  const report = await runProgram(settings, path, run, "run");
  const outputs = await readOutputs(id, run, subject.output, count);
  const at = firstMismatch(vectors.expected, outputs);
  if (at !== null) fail(wrongOutput(id, at, vectors.expected, outputs));
  const calls = await readCounts(run);
  // Without a model nothing is asked of an instruction but that it was executed.
  const unknown = model === null ? 0 : calls.reduce((sum, call) => sum + call.unknown, 0);
  if (calls.length !== count || unknown > 0) fail(notCounted(id, calls.length, count, unknown));
  return {
    calls,
    profile: await readProfile(run, instructions),
    marked: new Set(places.marks.map(({ stretch }) => stretch)),
    stack: report.find(({ word }) => word === "stack")?.numbers[0] ?? 0,
  };
}

function modelOf({ id }: Target): string | null {
  return MODELS[id] ?? null;
}

/** Where the run function and the marks are. */
function placesOf(
  symbols: ReadonlyMap<string, number>,
  name: string,
  { machine }: Target,
): Pick<Counted, "run" | "marks"> {
  // Addresses of Thumb code have their lowest bit set.
  const place = (address: number) =>
    machine.kind === "qemu-arm" ? address - (address % 2) : address;
  const run = symbols.get(`${name}_run`);
  if (run === undefined) throw new Error(`the program has no ${name}_run`);
  const marks = [...symbols].flatMap(([symbol, address]) => {
    const layer = MARK_SYMBOL.exec(symbol)?.[1];
    return layer === undefined ? [] : [{ address: place(address), stretch: Number(layer) }];
  });
  // Where one address has several, the last layer to end there counts.
  marks.sort((a, b) => a.stretch - b.stretch);
  return { run: place(run), marks };
}

/** A stretch holds what follows a mark: the next layer that has one, with those before it that have none. */
function workOf(
  calls: readonly CountedCall[],
  timed: boolean,
  layers: number,
  marked: ReadonlySet<number>,
): Pick<Benchmark, "instructions" | "cycles" | "layers"> {
  let stretch = 0;
  return {
    instructions: spanOf(calls.map(({ instructions }) => instructions)),
    cycles: timed ? spanOf(calls.map(({ cycles }) => cycles)) : null,
    layers: Array.from({ length: layers }, (_, i) => {
      if (!marked.has(i)) return null;
      const own = calls.flatMap(({ stretches }) => stretches[stretch] ?? []);
      stretch = i + 1;
      return {
        instructions: Math.max(...own.map(({ instructions }) => instructions)),
        cycles: timed ? Math.max(...own.map(({ cycles }) => cycles)) : null,
        codeBytes: Math.max(...own.map(({ codeBytes }) => codeBytes)),
      };
    }),
  };
}

function spanOf(values: readonly number[]): Span {
  return { min: Math.min(...values), max: Math.max(...values) };
}
