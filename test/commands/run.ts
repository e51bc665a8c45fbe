import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { onTestFinished } from "vitest";
import { main } from "../../src/cli.js";
import type { Signals } from "../../src/commands/types.js";
import type { OutputFs } from "../../src/io/output.js";

export const DIGITS = "examples/digits/model.onnx";
export const IMAGES = "examples/digits/test_images.npy";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface World {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTTY?: boolean;
  readonly outputFs?: OutputFs;
  readonly signals?: Signals;
}

/** Runs a command line in this process. */
export async function tritc(argv: readonly string[], world: World = {}): Promise<Ran> {
  const stdout = sink(world.isTTY === true);
  const stderr = sink(world.isTTY === true);
  const code = await main(argv, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: world.env ?? process.env,
    ...(world.outputFs === undefined ? {} : { outputFs: world.outputFs }),
    ...(world.signals === undefined ? {} : { signals: world.signals }),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The same with `--json`: the object. Fails the test if anything else was printed. */
export async function tritcJson(argv: readonly string[], world: World = {}) {
  const { code, stdout, stderr } = await tritc([...argv, "--json"], world);
  if (stderr !== "") throw new Error(`not quiet: ${stderr}`);
  const object: Readonly<Record<string, unknown>> = JSON.parse(stdout);
  return { code, object };
}

/** The codes of the diagnostics in an `error` object. */
export function errorCodes(object: Readonly<Record<string, unknown>>): string[] {
  const error: unknown = object.error;
  if (typeof error !== "object" || error === null || !("diagnostics" in error)) return [];
  if (!Array.isArray(error.diagnostics)) return [];
  return error.diagnostics.map((d: { code: string }) => d.code);
}

export function sink(isTTY: boolean) {
  let text = "";
  const writable = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  // What a spinner asks of a terminal.
  const terminal = {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  return { stream: Object.assign(writable, terminal), text: () => text };
}

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tritc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
