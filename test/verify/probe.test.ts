import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { probeTools, requireTool } from "../../src/verify/probe.js";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tritc-probe-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A program that answers `--version` with a text, or fails. */
async function program(path: string, version: string | null): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  const body = version === null ? "echo broken >&2; exit 1" : `echo "${version}"; echo more`;
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

async function probe(env: Record<string, string>) {
  const reports = await probeTools({ HOME: root, ...env });
  return Object.fromEntries(reports.map((report) => [report.tool.id, report]));
}

// The stand-ins for tools are shell scripts.
describe.skipIf(process.platform === "win32")("probeTools", () => {
  it("finds a tool in PATH, the preferred name first", async () => {
    await program("bin/gcc", "gcc 1");
    const cc = await program("other/cc", "cc 2");
    const reports = await probe({ PATH: `${join(root, "bin")}:${join(root, "other")}` });
    expect(reports.cc?.found).toEqual({ command: cc, version: "cc 2", foundBy: "PATH" });
  });

  it("finds what PlatformIO and xpm installed, the newest version first", async () => {
    const pio = await program(
      ".platformio/packages/toolchain-gccarmnoneeabi/bin/arm-none-eabi-gcc",
      "arm 9",
    );
    const xpm = (version: string) =>
      program(
        `.local/xPacks/@xpack-dev-tools/qemu-arm/${version}/.content/bin/qemu-system-arm`,
        version,
      );
    await xpm("9.2.4-1.1");
    const newest = await xpm("10.0.2-1.1");
    const reports = await probe({ PATH: "" });
    expect(reports["arm-gcc"]?.found?.command).toBe(pio);
    expect(reports["qemu-arm"]?.found).toMatchObject({ command: newest, version: "10.0.2-1.1" });
  });

  it("takes the user's variable, as a path or a name, and nothing else", async () => {
    await program("bin/cc", "cc 1");
    const mine = await program("mine/my-cc", "mine 3");
    const PATH = join(root, "bin");
    const byPath = await probe({ PATH, TRITC_CC: mine });
    expect(byPath.cc?.found).toEqual({ command: mine, version: "mine 3", foundBy: "TRITC_CC" });
    const byName = await probe({ PATH: `${PATH}:${join(root, "mine")}`, TRITC_CC: "my-cc" });
    expect(byName.cc?.found?.command).toBe(mine);
    const wrong = await probe({ PATH, TRITC_CC: join(root, "none") });
    expect(wrong.cc?.found).toBeNull();
    expect(wrong.cc?.problem).toMatch(/none \(TRITC_CC\) does not run/);
  });

  it("goes on to the next candidate after one that does not run", async () => {
    await program("a/cc", null);
    const good = await program("b/cc", "cc 2");
    const reports = await probe({ PATH: `${join(root, "a")}:${join(root, "b")}` });
    expect(reports.cc?.found?.command).toBe(good);
  });

  it("says what is missing and how to get it", async () => {
    await expect(requireTool("qemu-arm", "cortex-m4", { PATH: "", HOME: root })).rejects.toThrow(
      /tool\/missing: target cortex-m4 needs qemu-system-arm/,
    );
    const error = await requireTool("qemu-arm", "cortex-m4", { PATH: "", HOME: root }).catch(
      (reason) => reason,
    );
    expect(error.exitCode).toBe(6);
    expect(error.diagnostics[0].hint).toContain("TRITC_QEMU_ARM");
    expect(error.diagnostics[0].hint).toContain(
      "Debian, Ubuntu: sudo apt-get install qemu-system-arm",
    );
    expect(error.diagnostics[0].hint).toContain("macOS (Homebrew): brew install qemu");
  });
});
