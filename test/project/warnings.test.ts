import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { WARNING_FLAGS } from "../../src/verify/build.js";
import { DIGITS, temporaryFolder, tritc } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";

/** What a workstation compiles of a project: all that is not a device's or an emulator's own. */
function portable(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".c") && !file.startsWith("platforms"))
    .map((file) => join(folder, file));
}

describeWith(["gcc", "clang"], "the C of a project", () => {
  it.each(["camera", "serial", "bench"])("has no warnings, application %s", async (app) => {
    const folder = join(temporaryFolder(), "project");
    const argv = ["new", folder, "--board", "nucleo_f446re", "--model", DIGITS, "--app", app];
    expect((await tritc(argv)).code).toBe(0);
    const includes = ["lib/model/src", "lib/tritc_board/src", "src"].map(
      (part) => `-I${join(folder, part)}`,
    );
    for (const compiler of ["gcc", "clang"]) {
      const flags = ["-std=c99", ...WARNING_FLAGS, "-Werror", "-fsyntax-only", ...includes];
      const { stderr, status } = spawnSync(compiler, [...flags, ...portable(folder)]);
      expect(stderr.toString()).toBe("");
      expect(status).toBe(0);
    }
  });
});
