import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryFolder, tritc } from "../commands/run.js";
import { describeWithPio } from "./describe.js";

afterEach(() => vi.unstubAllEnvs());

describeWithPio("tritc flash", (pio) => {
  it("builds a project and runs it on its emulated board", async () => {
    // The programs that a command starts have this process's environment.
    for (const [name, value] of Object.entries(pio().env)) vi.stubEnv(name, value);
    vi.stubEnv("TRITC_PIO", pio().command);
    const folder = join(temporaryFolder(), "project");
    const model = "examples/ternary-layer/layer.npz";
    const argv = ["new", folder, "--board", "qemu-cortex-m3", "--model", model, "--app", "bench"];
    expect((await tritc(argv)).code).toBe(0);
    const { code, stdout } = await tritc(["flash", folder]);
    expect(stdout.match(/"equal":true/g)).toHaveLength(3);
    expect(stdout).toContain("qemu-cortex-m3 is flashed");
    expect(code).toBe(0);
  });
});
