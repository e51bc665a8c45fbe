/** What a diagnostic is about: as much of the place as is known. */
export interface Where {
  readonly file?: string;
  /** Operator and name of the node in the model file, e.g. `Conv "/features/0/Conv"`. */
  readonly node?: string;
  readonly tensor?: string;
  readonly shape?: readonly number[];
}

/**
 * One thing to tell the user. The code is stable: `<area>/<what>`; scripts may match on it.
 * `message` says what is wrong and why, `hint` what to do next.
 */
export interface Diagnostic {
  readonly code: `${Area}/${string}`;
  readonly severity: "error" | "warning" | "note";
  readonly where: Where;
  readonly message: string;
  readonly hint?: string;
}

/** The part of the pipeline that speaks; it decides the exit code. */
export type Area =
  | "usage"
  | "read"
  | "lower"
  | "plan"
  | "emit"
  | "output"
  | "tool"
  | "device"
  | "verify";

/** Exit codes of the CLI, by the area of the first error. 0 is success, 70 an internal error. */
export const EXIT_CODES: Readonly<Record<Area, number>> = {
  verify: 1,
  usage: 2,
  read: 3,
  lower: 3,
  plan: 4,
  emit: 4,
  output: 5,
  tool: 6,
  device: 6,
};

export const EXIT_INTERNAL = 70;

/** Thrown once by a stage with everything that stage found wrong. Never shown as a stack trace. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join("\n"));
    this.diagnostics = diagnostics;
  }

  get exitCode(): number {
    const first = this.diagnostics.find((d) => d.severity === "error");
    if (first === undefined) return EXIT_INTERNAL;
    return EXIT_CODES[first.code.split("/")[0] as Area];
  }
}

/** Builds an error; stages wrap it in a named function that fixes code, wording and hint. */
export function errorDiagnostic(
  code: Diagnostic["code"],
  where: Where,
  message: string,
  hint?: string,
): Diagnostic {
  return { code, severity: "error", where, message, ...(hint === undefined ? {} : { hint }) };
}

/** Throws a single diagnostic. */
export function fail(diagnostic: Diagnostic): never {
  throw new DiagnosticError([diagnostic]);
}

/** Collects what one stage finds, so that the user sees all of it at once. */
export class Diagnostics {
  private readonly found: Diagnostic[] = [];

  add(diagnostic: Diagnostic): void {
    this.found.push(diagnostic);
  }

  /** Everything found that is not an error. */
  get remarks(): readonly Diagnostic[] {
    return this.found.filter((d) => d.severity !== "error");
  }

  get hasErrors(): boolean {
    return this.found.some((d) => d.severity === "error");
  }

  /** Ends the stage: throws if it found an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new DiagnosticError(this.found);
  }
}
