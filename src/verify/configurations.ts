import { type Diagnostic, DiagnosticError, errorDiagnostic } from "../diagnostics.js";
import { findTarget, TARGETS, type Target } from "../targets/index.js";
import type { ToolId } from "../targets/tools.js";

export type Optimization = "-O0" | "-O1" | "-O2" | "-O3" | "-Os" | "-Og";

/** A target, and how C is compiled for it there. */
export interface Configuration {
  /** `TARGET[:COMPILER][:LEVEL][:sanitize]`, as users write it and reports name it. */
  readonly id: string;
  readonly target: Target;
  readonly compiler: ToolId;
  readonly optimization: Optimization;
  /** Stop at the first access outside an object and at undefined behaviour (native only). */
  readonly sanitize: boolean;
}

const LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os", "-Og"] as const satisfies Optimization[];
const COMPILERS = ["gcc", "clang"] as const satisfies ToolId[];
const SANITIZE = "sanitize";

/** What a target is built with when nothing else is asked for. */
export function configurationOf(target: Target): Configuration {
  const { tool } = target.compiler;
  return { id: target.id, target, compiler: tool, optimization: "-O2", sanitize: false };
}

/** Names of several configurations. */
const SETS: Readonly<Record<string, (targets: readonly Target[]) => readonly string[]>> = {
  all: (targets) => targets.map(({ id }) => id),
  matrix: (targets) => [
    ...COMPILERS.flatMap((compiler) => [
      ...["O0", "O2", "O3", "Os"].map((level) => `native:${compiler}:${level}`),
      `native:${compiler}:${SANITIZE}`,
    ]),
    ...targets.filter(({ machine }) => machine.kind !== "host").map(({ id }) => id),
  ],
};

/**
 * The configurations of a list such as `native:clang:O3,cortex-m4`; `all` stands for every target,
 * `matrix` for every target and, natively, two compilers at four levels and with sanitizers. Optional
 * targets are part of these only where `here` names them.
 * Throws `usage/unknown-target` or `usage/unknown-configuration`, once for each that is wrong.
 */
export function configurationList(
  text: string,
  here: ReadonlySet<Target> = new Set(),
): Configuration[] {
  const usual = TARGETS.filter((target) => target.optional !== true || here.has(target));
  const names = text.split(",").map((name) => name.trim());
  const wanted = new Set(names.flatMap((name) => SETS[name]?.(usual) ?? [name]));
  const problems: DiagnosticError[] = [];
  const found = [...wanted].flatMap((name) => {
    try {
      return [findConfiguration(name)];
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (problems.length > 0) throw new DiagnosticError(problems.flatMap((p) => p.diagnostics));
  return found;
}

function findConfiguration(id: string): Configuration {
  const [targetId = "", ...words] = id.split(":");
  const target = findTarget(targetId);
  const native = target.machine.kind === "host";
  let { compiler, optimization, sanitize } = configurationOf(target);
  for (const word of words) {
    const named = native ? COMPILERS.find((name) => name === word) : undefined;
    const level = LEVELS.find((name) => name === `-${word}`);
    if (named !== undefined) compiler = named;
    else if (level !== undefined) optimization = level;
    else if (native && word === SANITIZE) sanitize = true;
    else throw new DiagnosticError([unknownWord(id, word, native)]);
  }
  return { id, target, compiler, optimization, sanitize };
}

function unknownWord(id: string, word: string, native: boolean): Diagnostic {
  const levels = LEVELS.map((level) => level.slice(1));
  const known = native ? [...COMPILERS, ...levels, SANITIZE] : levels;
  return errorDiagnostic(
    "usage/unknown-configuration",
    {},
    `"${word}" in "${id}" means nothing`,
    `after the target may stand, separated by colons: ${known.join(", ")}`,
  );
}
