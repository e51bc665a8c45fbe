import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIGITS, errorCodes, temporaryFolder, tritc, tritcJson } from "../commands/run.js";
import { describeWithPio } from "../platformio/describe.js";

async function packaged(...more: string[]): Promise<string> {
  const folder = join(temporaryFolder(), "digits");
  const argv = ["compile", DIGITS, "-o", folder, "--name", "digits", "--package", ...more];
  const { code, stderr } = await tritc(argv);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return folder;
}

const text = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

describe("compile --package", () => {
  it("leaves a network that `verify` takes", async () => {
    const verified = await tritc(["verify", join(await packaged(), "src")]);
    expect(verified.code).toBe(0);
  });

  it("adds what --serial adds, to every build system", async () => {
    const folder = await packaged("--serial");
    expect(existsSync(join(folder, "src/digits_serial.c"))).toBe(true);
    for (const file of ["CMakeLists.txt", "zephyr/CMakeLists.txt"]) {
      expect(text(folder, file)).toContain("src/digits_serial.c");
      expect(text(folder, file)).toContain("src/tritc_serial.c");
    }
  });

  it("writes over its own output and over nothing else", async () => {
    const folder = await packaged();
    const argv = ["compile", DIGITS, "-o", folder, "--name", "digits", "--package"];
    expect((await tritc(argv)).code).toBe(0);
    const other = temporaryFolder();
    writeFileSync(join(other, "library.json"), "mine");
    const refused = await tritcJson(["compile", DIGITS, "-o", other, "--package"]);
    expect(errorCodes(refused.object)).toEqual(["usage/folder-in-use"]);
    expect(readdirSync(other)).toEqual(["library.json"]);
  });
});

describe("library.properties", () => {
  // https://arduino.github.io/arduino-lint/latest/rules/library, level specification.
  it("has the fields of arduino-lint's rules, each as they want it", async () => {
    const folder = await packaged();
    const lines = text(folder, "library.properties").trim().split("\n");
    const fields = new Map(
      lines.map((line): [string, string] => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    expect(fields.size).toBe(lines.length);
    for (const required of "name version author maintainer sentence paragraph url".split(" ")) {
      expect(fields.get(required)).toMatch(/\S/);
    }
    expect(fields.get("name")).toMatch(/^[a-zA-Z][a-zA-Z0-9 _.-]{0,62}$/);
    expect(fields.get("version")).toMatch(/^\d+\.\d+\.\d+$/);
    expect(fields.get("category")).toBe("Data Processing");
    expect(fields.get("architectures")).toBe("*");
    expect(fields.get("paragraph")).not.toContain(fields.get("sentence"));
    expect(URL.canParse(fields.get("url") ?? "")).toBe(true);
    expect(existsSync(join(folder, "src", fields.get("includes") ?? ""))).toBe(true);
    // A sketch has the name of its folder.
    expect(existsSync(join(folder, "examples/arduino/arduino.ino"))).toBe(true);
  });
});

describe("manifests of ESP-IDF and Zephyr", () => {
  // https://docs.espressif.com/projects/idf-component-manager/en/latest/reference/manifest_file.html
  // https://docs.zephyrproject.org/latest/develop/modules.html
  it("name files that exist, and the configuration that builds them", async () => {
    const folder = await packaged();
    expect(text(folder, "idf_component.yml")).toMatch(/^version: "\d+\.\d+\.\d+"$/m);
    expect(text(folder, "CMakeLists.txt")).toMatch(/if\(ESP_PLATFORM\)\s+idf_component_register\(/);
    const module = text(folder, "zephyr/module.yml");
    for (const [, key, path = ""] of module.matchAll(/^ {2}(cmake|kconfig): (.*)$/gm)) {
      expect(existsSync(join(folder, path, key === "cmake" ? "CMakeLists.txt" : ""))).toBe(true);
    }
    const symbol = /^config (\w+)$/m.exec(text(folder, "zephyr/Kconfig"))?.[1];
    expect(text(folder, "zephyr/CMakeLists.txt")).toContain(`if(CONFIG_${symbol})`);
    expect(text(folder, "examples/zephyr/prj.conf")).toBe(`CONFIG_${symbol}=y\n`);
    for (const [, source = ""] of text(folder, "zephyr/CMakeLists.txt").matchAll(/(\S+\.c)$/gm)) {
      expect(existsSync(join(folder, "zephyr", source))).toBe(true);
    }
  });
});

const cmake = spawnSync("cmake", ["--version"]);

describe.skipIf(cmake.error !== undefined && process.env.CI !== "true")(
  "CMake (SKIPPED where it is missing)",
  () => {
    it("configures, builds and runs the example", async () => {
      const folder = await packaged("--serial");
      const build = join(temporaryFolder(), "build");
      const source = join(folder, "examples/cmake");
      const flags = "-DCMAKE_C_FLAGS=-Wall -Wextra -Wconversion -Werror";
      execFileSync("cmake", ["-S", source, "-B", build, flags]);
      execFileSync("cmake", ["--build", build]);
      expect(execFileSync(join(build, "example")).toString()).toMatch(
        /^(\d+) of \1 vectors equal\n$/,
      );
    });
  },
);

describeWithPio("PlatformIO", (pio) => {
  it("packs the folder", async () => {
    const folder = await packaged();
    const packed = await pio().run(["pkg", "pack", "-o", join(folder, "../digits.tar.gz")], folder);
    expect(packed.text).toContain("Wrote a tarball");
    expect(packed.code).toBe(0);
  });

  it("builds and runs the example", async () => {
    const folder = await packaged();
    const ran = await pio().run(["run", "-t", "exec"], join(folder, "examples/platformio"));
    expect(ran.text).toMatch(/(\d+) of \1 vectors equal/);
  });

  it("builds the Arduino sketch with the folder as a library", async () => {
    const project = temporaryFolder();
    mkdirSync(join(project, "src"));
    const folder = await packaged();
    cpSync(folder, join(project, "lib/digits"), { recursive: true });
    cpSync(join(folder, "examples/arduino/arduino.ino"), join(project, "src/main.ino"));
    writeFileSync(
      join(project, "platformio.ini"),
      "[env:pico]\nplatform = raspberrypi\nboard = pico\nframework = arduino\n",
    );
    const built = await pio().run(["run"], project);
    expect(built.text).toContain("[SUCCESS]");
  });
});
