import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import { WARNING_FLAGS } from "../../src/verify/build.js";
import { describeWith } from "../verify/toolchains.js";
import { compiledFor } from "./device.js";

describeWith(["cc"], "the files of --serial", () => {
  it.each([
    ["gcc", "-std=c99"],
    ["clang", "-std=c11"],
    ["g++", "-std=c++11", "-xc++"],
  ])("compile without a warning: %s %s", (compiler, ...flags) => {
    const folder = mkdtempSync(join(tmpdir(), "tritc-serial-"));
    try {
      for (const [file, text] of compiledFor(findTarget("native")).files) {
        writeFileSync(join(folder, file), text);
      }
      const warnings = WARNING_FLAGS.filter(
        (flag) => compiler !== "g++" || flag !== "-Wmissing-prototypes",
      );
      for (const file of ["subject_serial.c", "tritc_serial.c"]) {
        const trace = "-DSUBJECT_TRACE";
        const args = [...flags, ...warnings, "-Werror", trace, "-fsyntax-only", file];
        expect(() => execFileSync(compiler, args, { cwd: folder })).not.toThrow();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
