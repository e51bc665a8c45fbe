import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeWith } from "../verify/toolchains.js";

/** npm itself, whatever it is called here. */
const NPM = process.env.npm_execpath;

describeWith(["cc"], "npm run demo:ternary-layer", () => {
  it("answers the two patterns as NumPy does, in C too", async () => {
    const args = ["run", "--silent", "demo:ternary-layer"];
    const command = NPM === undefined ? "npm" : process.execPath;
    const all = NPM === undefined ? args : [NPM, ...args];
    const { stdout, stderr } = await promisify(execFile)(command, all);
    expect(stderr).toBe("");
    for (const name of ["layer", "chain"]) {
      const [, own = ""] = stdout.split(`${name}.npz  ->`);
      expect(own).toContain("[1, 0.5, 1, -0.2] -> [1, 1], class +1");
      expect(own).toContain("[-1, -0.5, -1, 0.2] -> [-1, -1], class -1");
      expect(own).toContain("NumPy      answers the same");
      expect(own).toContain("native     equal, bit for bit");
    }
  });
});
