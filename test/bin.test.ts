import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

const BIN = "dist/bin.js";
const built = existsSync(BIN) || process.env.CI === "true";
if (!built) console.warn(`SKIPPED: the program itself, there is no ${BIN} (npm run build)`);

function shell(command: string) {
  const env = { ...process.env, NODE: process.execPath, BIN };
  return spawnSync("bash", ["-c", command], { env, encoding: "utf8" });
}

describe.skipIf(!built || process.platform === "win32")("the program", () => {
  it("runs a command and exits with its code", () => {
    expect(shell('"$NODE" "$BIN" targets').stdout).toContain("cortex-m4");
    expect(shell('"$NODE" "$BIN" inspect nothing.onnx').status).toBe(2);
  });

  it("does not mind readers that go away", () => {
    const gone = (redirected: string) =>
      shell(`"$NODE" "$BIN" ${redirected} | true; exit "\${PIPESTATUS[0]}"`);
    expect(gone("targets")).toMatchObject({ status: 0, stderr: "" });
    expect(gone("inspect nothing.onnx 2>&1")).toMatchObject({ status: 2, stderr: "" });
  });

  it.skipIf(!existsSync("/dev/full"))("says when its output cannot be written", () => {
    const { status, stderr } = shell('"$NODE" "$BIN" targets >/dev/full');
    expect(status).toBe(5);
    expect(stderr).toMatch(/^error output\/failed: standard output cannot be written: .*ENOSPC/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
