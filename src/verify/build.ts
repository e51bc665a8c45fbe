import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import type { Target } from "../targets/index.js";
import type { Configuration } from "./configurations.js";
import * as say from "./diagnostics.js";
import { PLATFORMS } from "./platforms.js";
import { inParallel, type ProcessResult, runProcess } from "./process.js";
import type { Toolchain } from "./toolchain.js";
import type { Subject } from "./types.js";

/** Generated C compiles with these without a warning, as C99 and from C++ alike. */
export const WARNING_FLAGS: readonly string[] = [
  "-Wall",
  "-Wextra",
  "-Wconversion",
  "-Wsign-conversion",
  "-Wcast-qual",
  "-Wshadow",
  "-Wmissing-prototypes",
  "-pedantic",
];

/** Every finding ends the program, so that none of them passes for success. */
const SANITIZERS: readonly string[] = [
  "-g",
  "-fno-omit-frame-pointer",
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
];

const HARNESS = fileURLToPath(new URL("../../firmware/harness/", import.meta.url));

/** `traced` calls the harness after each layer. */
export type Variant = "plain" | "traced";

export interface BuildSettings {
  readonly subject: Subject;
  readonly configuration: Configuration;
  readonly toolchain: Toolchain;
  readonly folder: string;
  readonly silenceLimitMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Unit {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
  /** Makes the diagnostic of a failed compilation. */
  readonly complain: (output: string) => Diagnostic;
}

/**
 * Builds the program in each of the variants; returns their paths.
 * Throws `verify/does-not-compile` with every file that fails, `verify/wrong-interface`,
 * `verify/does-not-fit`, `verify/does-not-link`, `output/work-folder`, or `tool/failed`.
 */
export async function buildPrograms(
  settings: BuildSettings,
  variants: readonly Variant[],
): Promise<string[]> {
  const units = await Promise.all(variants.map((variant) => unitsOf(settings, variant)));
  const compilations = units.flat().map((unit) => () => compile(settings, unit));
  const found = await inParallel(compilations, availableParallelism());
  const errors = found.filter((diagnostic) => diagnostic !== null);
  // The harness is only worth talking about when the model itself compiles.
  const ofModel = errors.filter((diagnostic) => diagnostic.code === "verify/does-not-compile");
  if (errors.length > 0) throw new DiagnosticError(unique(ofModel.length > 0 ? ofModel : errors));
  return Promise.all(variants.map((variant, index) => link(settings, variant, units[index] ?? [])));
}

/** Both variants of a file make the same complaint. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((d) => [`${d.code} ${d.where.file}`, d])).values()];
}

/** The linker script knows the model's objects by their folder, `model`. */
async function unitsOf(settings: BuildSettings, variant: Variant): Promise<Unit[]> {
  const { subject, configuration, folder } = settings;
  const { id, target } = configuration;
  const plain = variant === "plain";
  const [modelObjects, harnessObjects] = plain
    ? ["model", "harness"]
    : ["traced-model", "traced-harness"];
  await mkdir(join(folder, modelObjects), { recursive: true });
  await mkdir(join(folder, harnessObjects), { recursive: true });
  const traced = plain ? [] : [subject.name, ...(subject.parts ?? [])];
  const trace = traced.map((name) => `-D${name.toUpperCase()}_TRACE`);
  const flags = compilerFlags(configuration, HARNESS);
  const sources = [...subject.sources.keys()].filter((path) => path.endsWith(".c"));
  const model = sources.map((path, index) => ({
    source: `model/${path}`,
    object: `${modelObjects}/${index}.o`,
    flags: [...flags.model, ...trace, "-Imodel"],
    complain: (output: string) => say.doesNotCompile(id, path, output),
  }));
  const harness = harnessFiles(target).map((file) => ({
    source: join(HARNESS, file),
    object: `${harnessObjects}/${basename(file, ".c")}.o`,
    flags: [...flags.harness, ...trace, "-I.", "-Imodel"],
    complain: (output: string) => say.wrongInterface(id, `${subject.name}.h`, output),
  }));
  return [...model, ...harness];
}

export function harnessFiles(target: Target): readonly string[] {
  const { machine } = target;
  if (machine.kind === "host") return ["main.c", "native.c"];
  return ["main.c", "string.c", "emulated.c", ...PLATFORMS[machine.kind].sources];
}

/** What the compiler is told, besides the files and the folders that they are in. */
export interface CompilerFlags {
  readonly model: readonly string[];
  readonly harness: readonly string[];
  readonly link: readonly string[];
}

/** `harness` is the folder of the harness, ending in a slash. */
export function compilerFlags(configuration: Configuration, harness: string): CompilerFlags {
  const { target, optimization, sanitize } = configuration;
  const { machine, compiler } = target;
  const core = [...compiler.flags, ...(sanitize ? SANITIZERS : [])];
  const common = [...core, optimization, "-std=c99"];
  const strict = [...WARNING_FLAGS, "-Werror"];
  if (machine.kind === "host") {
    return { model: [...common, ...strict], harness: [...common, `-I${harness}`], link: core };
  }
  // Without a C library: the compiler brings <stdint.h> and <stddef.h>, the harness <string.h>. The
  // compiler still knows what memcpy does, as it does in a user's program.
  const environment = [
    ...common,
    ...["-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections"],
    `-isystem${harness}include`,
  ];
  const own = [...PLATFORMS[machine.kind].flags, "-fno-tree-loop-distribute-patterns"];
  return {
    model: [...environment, ...strict],
    harness: [...environment, `-I${harness}`, ...own],
    link: [
      ...[...core, "-nostdlib", "-nostartfiles", "-Wl,--gc-sections"],
      ...["-L.", `-T${harness}emulated.ld`, "-lgcc"],
    ],
  };
}

async function compile(settings: BuildSettings, unit: Unit): Promise<Diagnostic | null> {
  const args = [...unit.flags, "-c", unit.source, "-o", unit.object];
  const result = await runCompiler(settings, args);
  return succeeded(result) ? null : unit.complain(result.stderr);
}

async function link(
  settings: BuildSettings,
  variant: Variant,
  units: readonly Unit[],
): Promise<string> {
  const { configuration, folder } = settings;
  const { id, target } = configuration;
  const suffix = process.platform === "win32" && target.machine.kind === "host" ? ".exe" : "";
  const program = `${variant}${suffix}`;
  const objects = units.map((unit) => unit.object);
  // The support library comes after the objects that need it.
  const args = [...objects, ...compilerFlags(configuration, HARNESS).link, "-o", program];
  const result = await runCompiler(settings, args);
  if (succeeded(result)) return join(folder, program);
  const { machine } = target;
  const full = /region `\w+' overflowed|will not fit in region/.test(result.stderr);
  if (full && machine.kind !== "host") {
    fail(say.doesNotFit(id, machine.name, result.stderr));
  }
  if (/cannot find .*(asan|ubsan)/.test(result.stderr)) {
    fail(say.noSanitizers(id, configuration.compiler, result.stderr));
  }
  fail(say.doesNotLink(id, result.stderr));
}

/** What the C library calls ENOSPC and EDQUOT, in the words of every tool. */
const DISK_FULL = /No space left on device|Disk quota exceeded/;

/** In the work folder, so that messages name files as the subject does. */
async function runCompiler(settings: BuildSettings, args: string[]): Promise<ProcessResult> {
  const { toolchain, folder, silenceLimitMs, signal } = settings;
  const { command } = toolchain.compiler;
  const result = await runProcess(command, args, { cwd: folder, silenceLimitMs, signal });
  const { ending } = result;
  switch (ending.kind) {
    case "exited":
      if (ending.code !== 0 && DISK_FULL.test(result.stderr)) {
        fail(say.workFolder(dirname(folder), "the disk is full"));
      }
      return result;
    case "silent":
      return fail(
        say.toolFailed(command, `did not end within ${silenceLimitMs / 1000} s`, result.stderr),
      );
    case "killed":
      return fail(say.toolFailed(command, `was killed by ${ending.signal}`, result.stderr));
    case "not-started":
      return fail(say.toolFailed(command, `does not start: ${ending.reason}`, ""));
    default:
      return ending satisfies never;
  }
}

function succeeded(result: ProcessResult): boolean {
  return result.ending.kind === "exited" && result.ending.code === 0;
}
