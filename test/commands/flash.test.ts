import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseEnvironment, needsPort, parsePioConfig } from "../../src/project/environment.js";
import { errorCodes, temporaryFolder, tritc, tritcJson } from "./run.js";

interface Fake {
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly defaults?: readonly string[];
  readonly version?: string;
  readonly code?: number;
}

function configOf({ environments, defaults }: Fake) {
  return [
    ["platformio", defaults === undefined ? [] : [["default_envs", defaults]]],
    ...Object.entries(environments).map(([name, options]) => [
      `env:${name}`,
      Object.entries(options),
    ]),
  ];
}

/** A project, and a program that behaves as pio does and says what it was asked. */
function projectWith(fake: Fake): { folder: string; env: Record<string, string> } {
  const folder = temporaryFolder();
  const pio = join(folder, "pio");
  const core = join(folder, "core");
  for (const part of ["packages/tool-scons/package", "platforms/espressif32/platform"]) {
    mkdirSync(join(core, part, ".."), { recursive: true });
    const version = part.endsWith("platform") ? "6.13.0" : "4.0.0";
    writeFileSync(join(core, `${part}.json`), JSON.stringify({ version }));
  }
  writeFileSync(join(folder, "platformio.ini"), "");
  writeFileSync(join(folder, "config.json"), JSON.stringify(configOf(fake)));
  writeFileSync(
    pio,
    `#!/bin/sh
case "$1" in
--version) echo "PlatformIO Core, version ${fake.version ?? "6.1.18"}" ;;
project) cat config.json ;;
run) echo "asked: $*"; echo "the port is gone" >&2; exit ${fake.code ?? 0} ;;
esac
`,
  );
  chmodSync(pio, 0o755);
  return { folder, env: { ...process.env, TRITC_PIO: pio, PLATFORMIO_CORE_DIR: core } };
}

const ESP32 = { board: "esp32cam", platform: "espressif32@6.13.0" };
const NUCLEO = { board: "mine", platform: "ststm32@19.6.0" };

describe("tritc flash", () => {
  it("uploads the default environment, to the port that is named", async () => {
    const { folder, env } = projectWith({
      ...{ environments: { esp32cam: ESP32, native: {} }, defaults: ["esp32cam"] },
    });
    const { code, stdout, stderr } = await tritc(["flash", folder, "--port", "COM7"], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("asked: run -e esp32cam -t upload --upload-port COM7");
    expect(stdout).toContain("esp32cam is flashed at COM7");
  });

  it("needs no port where a debugger flashes, and prints one object with --json", async () => {
    const { folder, env } = projectWith({ environments: { nucleo: NUCLEO, native: {} } });
    const { code, object } = await tritcJson(["flash", folder], { env });
    expect(code).toBe(0);
    expect(object).toMatchObject({ environment: "nucleo", port: null });
  });

  it("shows what PlatformIO said when it failed, and what the board needs", async () => {
    const { folder, env } = projectWith({ environments: { cam: ESP32 }, code: 1 });
    const { code, stderr } = await tritc(["flash", folder, "--port", "COM7"], { env });
    expect(code).toBe(6);
    expect(stderr).toContain("device/flash-failed");
    expect(stderr).toContain("the port is gone");
    expect(stderr).toContain("GPIO 0");
  });

  it.each([
    ["no project", { folder: "src", args: [], code: "usage/no-project" }],
    [
      "another environment",
      { folder: null, args: ["-e", "moon"], code: "usage/unknown-environment" },
    ],
  ])("says what is wrong: %s", async (_, { folder, args, code }) => {
    const project = projectWith({ environments: { nucleo: NUCLEO } });
    const argv = ["flash", folder ?? project.folder, ...args];
    expect(errorCodes((await tritcJson(argv, { env: project.env })).object)).toEqual([code]);
  });

  it("says that PlatformIO is missing or too old", async () => {
    const { folder, env } = projectWith({ environments: { nucleo: NUCLEO }, version: "5.2.5" });
    expect(errorCodes((await tritcJson(["flash", folder], { env })).object)).toEqual([
      "tool/old-pio",
    ]);
    const nobody = { ...env, TRITC_PIO: join(folder, "nothing") };
    const { object } = await tritcJson(["flash", folder], { env: nobody });
    expect(errorCodes(object)).toEqual(["tool/no-pio"]);
  });
});

describe("the environment", () => {
  const config = (fake: Fake) =>
    parsePioConfig(JSON.stringify(configOf(fake))) ?? { defaults: [], environments: [] };

  it("is asked for by name where several boards could be meant", () => {
    const both = config({ environments: { a: ESP32, b: NUCLEO, native: {} } });
    expect(() => chooseEnvironment(both, undefined)).toThrow(/usage\/which-environment.*a, b/);
    expect(chooseEnvironment(both, "b").name).toBe("b");
    expect(parsePioConfig("Error: no")).toBeNull();
  });

  it("needs a port only where PlatformIO would guess one", () => {
    const [a, b, c] = config({
      environments: { a: ESP32, b: NUCLEO, c: { ...ESP32, upload_port: "COM3" } },
    }).environments;
    expect([a, b, c].map((each) => each !== undefined && needsPort(each))).toEqual([
      ...[true, false, false],
    ]);
  });
});
