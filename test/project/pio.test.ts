import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findBoard } from "../../src/boards/index.js";
import { downloadProblem, pioRemarks, requirePio } from "../../src/project/pio.js";
import { temporaryFolder } from "../commands/run.js";

/** A program that answers `--version`. */
function fakePio(version: string): string {
  const file = join(temporaryFolder(), "pio");
  writeFileSync(file, `#!/bin/sh\necho "PlatformIO Core, version ${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A core folder with packages by their manifests' paths. */
function coreWith(versions: Readonly<Record<string, string>>): string {
  const core = temporaryFolder();
  for (const [file, version] of Object.entries(versions)) {
    mkdirSync(join(core, file, ".."), { recursive: true });
    writeFileSync(join(core, file), JSON.stringify({ version }));
  }
  return core;
}

const BOARD = findBoard("esp32cam");
const NOBODY = { HOME: "/nowhere", PATH: "" };
const offline = () => Promise.resolve(false);
const online = () => Promise.resolve(true);

describe("requirePio", () => {
  it.each(["6.1.18", "6.2.0", "7.0.0"])("takes version %s", async (version) => {
    const found = await requirePio({ ...NOBODY, TRITC_PIO: fakePio(version) });
    expect(found.version).toContain(version);
  });

  it("says how to get it, or to bring it up to date", async () => {
    await expect(requirePio(NOBODY)).rejects.toThrow(/tool\/no-pio/);
    const old = requirePio({ ...NOBODY, TRITC_PIO: fakePio("5.2.5") });
    await expect(old).rejects.toThrow(/tool\/old-pio.*5\.2\.5.*6\.1 or newer/);
  });
});

describe("downloadProblem", () => {
  const TOOL = { "packages/tool-scons/package.json": "4.41101.0" };

  it("names what cannot be downloaded", async () => {
    const env = { PLATFORMIO_CORE_DIR: coreWith({}) };
    const problem = await downloadProblem(BOARD, env, offline);
    expect(problem?.code).toBe("tool/no-registry");
    expect(problem?.message).toContain("tool-scons and espressif32@6.13.0");
    expect(await downloadProblem(BOARD, env, online)).toBeNull();
  });

  it("asks nobody where everything is there", async () => {
    const nobody = () => Promise.reject(new Error("asked"));
    const platform = "platforms/espressif32/platform.json";
    const env = { PLATFORMIO_CORE_DIR: coreWith({ ...TOOL, [platform]: "6.13.0" }) };
    expect(await downloadProblem(BOARD, env, nobody)).toBeNull();
    const emulated = { PLATFORMIO_CORE_DIR: coreWith(TOOL) };
    expect(await downloadProblem(findBoard("qemu-cortex-m4"), emulated, nobody)).toBeNull();
    const other = { PLATFORMIO_CORE_DIR: coreWith({ ...TOOL, [platform]: "6.12.0" }) };
    expect((await downloadProblem(BOARD, other, offline))?.message).toContain("espressif32@6.13.0");
  });

  it("gives up within seconds", async () => {
    const started = performance.now();
    // A proxy that takes no connections: nothing listens on the discard port.
    const env = { PLATFORMIO_CORE_DIR: coreWith({}), HTTPS_PROXY: "http://127.0.0.1:9" };
    expect((await downloadProblem(BOARD, env))?.code).toBe("tool/no-registry");
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

it("warns only: a project is whole without PlatformIO", async () => {
  const [remark] = await pioRemarks(BOARD, NOBODY);
  expect(remark).toMatchObject({ code: "tool/no-pio", severity: "warning" });
});
