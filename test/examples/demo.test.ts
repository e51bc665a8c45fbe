import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";

/** npm itself, whatever it is called here. */
const NPM = process.env.npm_execpath;

function demo(env: NodeJS.ProcessEnv) {
  const args = ["run", "--silent", "demo", "--", "--no-install"];
  const command = NPM === undefined ? "npm" : process.execPath;
  return promisify(execFile)(command, NPM === undefined ? args : [NPM, ...args], {
    env: { ...env, NO_COLOR: "1" },
  });
}

describeWith(["cc"], "npm run demo", () => {
  it("shows the digits, the accuracy of the C, and what was skipped", async () => {
    const nowhere = `${temporaryFolder()}/nothing`;
    const { stdout, stderr } = await demo({ ...process.env, TRITC_ARM_GCC: nowhere });
    expect(stderr).toBe("");
    expect(stdout).toContain("native     equals the simulator, bit for bit, on all 360 images");
    expect(stdout).toContain("cortex-m4  SKIPPED: target cortex-m4 needs arm-none-eabi-gcc");
    expect(stdout).toContain("sudo apt-get install gcc-arm-none-eabi");
    expect(stdout).toContain("▒▒████████▓▓");
    expect(stdout).toContain("99.44 %  read correctly by the compiled C (358 of 360)");
    expect(stdout).toContain("100.00 %  read as onnxruntime reads them (360 of 360)");
  });
});

describeWith(["cc", "arm-gcc", "qemu-arm"], "npm run demo with an emulator", () => {
  it("also runs on the Cortex-M4, and shows what the network takes there", async () => {
    const { stdout } = await demo(process.env);
    expect(stdout).toContain("cortex-m4  equals the simulator, bit for bit, on all 360 images");
    expect(stdout).toMatch(/^ {2}instructions an image +[\d,]+$/m);
    expect(stdout).toMatch(/^ {4}stack, at most +[\d,]+ B$/m);
  });
});
