#!/usr/bin/env node
import { main } from "./cli.js";

// A reader such as `head` may go away early: that is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await main(process.argv.slice(2), process);
