import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A diagnostic as its source has it; what is only known at run time stands as "...". */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Calls that make errors: code, place, message and what to do next. Spread ones become remarks. */
const MAKERS = /(?<!\.\.\.)\b(?:atNode|errorDiagnostic)\(\s*(?="(?:lower|read)\/)/g;

/** The diagnostics of every `diagnostics.ts` below a folder, in order of their codes. */
export function refusalsBelow(folder: string): readonly Refusal[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("diagnostics.ts"),
  );
  const found = files.flatMap((path) => refusalsIn(readFileSync(join(folder, path), "utf8")));
  return found.toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

function refusalsIn(source: string): Refusal[] {
  return Array.from(source.matchAll(MAKERS), (match) => {
    const [code = "", , message = "", hint = ""] = argumentsAt(
      source,
      match.index + match[0].length,
    ).map(textOf);
    return { code, message, hint };
  });
}

/** The source of a call's arguments, from behind its bracket. */
function argumentsAt(source: string, start: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = start;
  for (let i = start; i < source.length; i++) {
    const character = source[i] ?? "";
    if (`"'\``.includes(character)) i = literalEnd(source, i);
    else if ("([{".includes(character)) depth++;
    else if (depth === 0 && ",)".includes(character)) {
      found.push(source.slice(from, i));
      from = i + 1;
      if (character === ")") break;
    } else if (")]}".includes(character)) depth--;
  }
  return found;
}

/** Where the string or template that begins at `start` ends. */
function literalEnd(source: string, start: number): number {
  const quote = source[start];
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === "\\") i++;
    else if (quote === "`" && source.startsWith("${", i)) i = source.indexOf("}", i);
    else if (source[i] === quote) return i;
  }
  return source.length;
}

/**
 * The text of an expression: its strings, with "..." for what is computed. Of a choice between two
 * texts, the longer says more.
 */
function textOf(expression: string): string {
  const blank = withoutText(expression);
  const [question, colon] = [blank.indexOf("?"), blank.lastIndexOf(":")];
  if (question < 0 || colon < question) return literals(expression);
  const either = [expression.slice(question + 1, colon), expression.slice(colon + 1)];
  const [first = "", second = ""] = either.map(literals);
  return second.length > first.length ? second : first;
}

function literals(expression: string): string {
  let text = "";
  for (let i = 0; i < expression.length; i++) {
    if (!`"'\``.includes(expression[i] ?? "")) continue;
    const end = literalEnd(expression, i);
    text += expression.slice(i + 1, end).replace(/\$\{[^}]*\}/g, "...");
    i = end;
  }
  return text.replaceAll("\\n", " ").replaceAll('\\"', '"');
}

/** Strings blanked out, so that their characters are not taken for operators. */
function withoutText(expression: string): string {
  let blank = "";
  for (let i = 0; i < expression.length; i++) {
    if (`"'\``.includes(expression[i] ?? "")) {
      const end = literalEnd(expression, i);
      blank += "_".repeat(end - i + 1);
      i = end;
    } else blank += expression[i];
  }
  return blank;
}
