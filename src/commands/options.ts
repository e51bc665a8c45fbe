import { InvalidArgumentError } from "commander";

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

/** One number, or one for each of three channels, for commander's option parser. */
export function numberOrThree(text: string): number[] {
  const list = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (list.every(Number.isFinite) && [1, 3].includes(list.length)) return list;
  throw new InvalidArgumentError("It must be one number, or three with commas between.");
}

/** The same for numbers that something is divided by. */
export function positiveOrThree(text: string): number[] {
  const list = numberOrThree(text);
  if (list.every((value) => value > 0)) return list;
  throw new InvalidArgumentError("Every number must be above 0.");
}

/** A path, for commander's option parser: an empty one is a shell variable that is not set. */
export function notEmpty(text: string): string {
  if (text === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/** The end of a command's help. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}
