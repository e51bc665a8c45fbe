import { CommanderError } from "commander";
import pc from "picocolors";
import {
  type Diagnostic,
  DiagnosticError,
  EXIT_CODES,
  EXIT_INTERNAL,
  errorDiagnostic,
} from "../diagnostics.js";
import { diagnosticText } from "../report/diagnostics.js";
import { printable } from "../report/format.js";
import { VERSION } from "../version.js";
import { Interrupted } from "./interrupt.js";
import type { Io, Outcome, Stream } from "./types.js";

/** How to show something: to whom, of which command, as text or as an object. */
export interface Showing {
  readonly io: Io;
  readonly command: string;
  readonly json: boolean;
}

/** Prints an outcome and returns the exit code that it means. */
export function showOutcome(showing: Showing, outcome: Outcome): number {
  const { io, json } = showing;
  const { text, remarks, errors = [] } = outcome;
  if (json) {
    const error = errors.length === 0 ? {} : { error: { diagnostics: errors } };
    writeJson(showing, { ...outcome.json, remarks, ...error });
  } else {
    io.stdout.write(`${printable(text)}\n`);
    writeDiagnostics(io, [...remarks, ...errors]);
  }
  return errors.length === 0 ? 0 : new DiagnosticError(errors).exitCode;
}

/** Prints what ended a command and returns the exit code that it means. */
export function showError(showing: Showing, error: unknown): number {
  if (error instanceof DiagnosticError) return showDiagnostics(showing, error);
  if (error instanceof CommanderError) return showUsage(showing, error);
  if (error instanceof Interrupted) return error.exitCode;
  return showInternal(showing, error);
}

function showDiagnostics(showing: Showing, error: DiagnosticError): number {
  const { diagnostics } = error;
  if (showing.json) writeJson(showing, { error: { diagnostics } });
  else writeDiagnostics(showing.io, diagnostics);
  return error.exitCode;
}

/** Help and version were asked for, or the command line is wrong. Commander prints help itself. */
function showUsage(showing: Showing, { exitCode, code, message }: CommanderError): number {
  if (exitCode === 0) return 0;
  if (code === "commander.help" && !showing.json) return EXIT_CODES.usage;
  const [problem = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const help = `See tritc ${showing.command === "" ? "" : `${showing.command} `}--help.`;
  const hint = suggestion === undefined ? help : `${suggestion} ${help}`;
  const said = code === "commander.help" ? "there is no command" : problem;
  return showDiagnostics(
    showing,
    new DiagnosticError([errorDiagnostic("usage/command-line", {}, said, hint)]),
  );
}

function showInternal(showing: Showing, error: unknown): number {
  const { io, json } = showing;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    writeJson(showing, { error: { internal: message, diagnostics: [] } });
  } else {
    io.stderr.write(
      `${printable(`internal error: ${message}`)}\n` +
        "  This is a fault of tritc, not of your model. Please report it with the command and, if\n" +
        "  you can share it, the model. TRITC_DEBUG=1 shows where it happened.\n",
    );
  }
  if (io.env.TRITC_DEBUG === "1" && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return EXIT_INTERNAL;
}

function writeJson({ io, command }: Showing, fields: object): void {
  io.stdout.write(`${JSON.stringify({ tritc: VERSION, command, ...fields }, null, 2)}\n`);
}

function writeDiagnostics(io: Io, diagnostics: readonly Diagnostic[]): void {
  const colors = pc.createColors(wantsColor(io.stderr, io.env));
  for (const diagnostic of diagnostics) {
    io.stderr.write(`${diagnosticText(diagnostic, colors)}\n`);
  }
}

/** https://no-color.org: any value but the empty one turns colours off. */
export function wantsColor(stream: Stream, env: Io["env"]): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? "") === "";
}
