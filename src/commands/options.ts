import { InvalidArgumentError } from "commander";
import { DiagnosticError } from "../diagnostics.js";
import { findTarget, type Target } from "../targets/index.js";

/** Readers of option values, and pieces of help that several commands share. */

export const JSON_FLAG = "--json";
export const JSON_HELP = "print one JSON object instead of text";

/** A whole number from `least` up, for commander's option parser. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

/** A path, for commander's option parser: an empty one is a shell variable that is not set. */
export function notEmpty(text: string): string {
  if (text === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/** Targets of a list such as `native,cortex-m4`. Throws one diagnostic for each unknown name. */
export function targetList(text: string): Target[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const problems: DiagnosticError[] = [];
  const targets = names.flatMap((name) => {
    try {
      return [findTarget(name)];
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (problems.length > 0) throw new DiagnosticError(problems.flatMap((p) => p.diagnostics));
  return targets;
}

/** The end of a command's help. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}
