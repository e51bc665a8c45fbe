#!/usr/bin/env node
import { main } from "./cli.js";
import { EXIT_CODES } from "./diagnostics.js";

const { stdout, stderr, env, argv } = process;

/** A reader such as `head` may go away early: that is no error of ours. */
const isGone = (error: NodeJS.ErrnoException) => error.code === "EPIPE";

stdout.on("error", (error) => {
  if (isGone(error)) return;
  stderr.write(`error output/failed: standard output cannot be written: ${error.message}\n`);
  process.exitCode = EXIT_CODES.output;
});
// There is nobody left to tell.
stderr.on("error", () => {});

const exitCode = await main(argv.slice(2), { stdout, stderr, env, signals: process });
process.exitCode ??= exitCode;
