import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TOOLS } from "../../src/targets/tools.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/setup.sh", import.meta.url));
const USED = ["sh", "cat", "env", "mktemp", "tail", "rm", "chmod", "sleep"];
const PROGRAMS = [
  "gcc",
  "g++",
  "clang",
  "arm-none-eabi-gcc",
  "qemu-system-arm",
  "riscv64-unknown-elf-gcc",
  "qemu-system-riscv32",
  "xtensa-lx106-elf-gcc",
  "qemu-system-xtensa",
  "frama-c",
  "cppcheck",
  "clang-tidy",
];
/** Two of the emulators are in one package, which is named once. */
const CROSS_PACKAGES =
  "gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm " +
  "gcc-riscv64-unknown-elf qemu-system-misc gcc-xtensa-lx106 " +
  "frama-c-base cppcheck clang-tidy";

let bin = "";
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "tritc-setup-"));
  for (const name of USED) {
    const path = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    symlinkSync(path, join(bin, name));
  }
});
afterEach(() => rmSync(bin, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** Runs the script on a system that has only what stands in `bin`, and PlatformIO. */
function setup(env: Record<string, string> = {}) {
  return spawnSync("sh", [SCRIPT], {
    env: { PATH: bin, TRITC_PIO: "x", ...env },
    encoding: "utf8",
  });
}

describe.skipIf(process.platform === "win32")("scripts/setup.sh", () => {
  it("does and says nothing when everything is there", () => {
    for (const name of PROGRAMS) program(name, name.startsWith("qemu") ? "exit 1" : "exit 0");
    expect(setup({ CI: "true" })).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  it("says what is missing where it cannot install, and fails only in CI", () => {
    program("id", "echo 1000");
    program("gcc", "exit 0");
    const { status, stderr } = setup();
    expect(status).toBe(0);
    expect(stderr).toContain(`missing: g++ clang libclang-rt-dev ${CROSS_PACKAGES} \n`);
    expect(setup({ CI: "true" }).status).toBe(1);
  });

  it("misses the headers of a compiler that comes without", () => {
    program("id", "echo 1000");
    for (const name of PROGRAMS) program(name, "exit 0");
    program("arm-none-eabi-gcc", '[ "$1" != -E ]');
    expect(setup().stderr).toContain("missing: gcc-arm-none-eabi libnewlib-arm-none-eabi \n");
  });

  it("misses the sanitizers of a clang that comes without", () => {
    program("id", "echo 1000");
    for (const name of PROGRAMS) program(name, "exit 0");
    program("clang", '[ "$1" != -fsanitize=address ]');
    expect(setup().stderr).toContain("missing: clang libclang-rt-dev \n");
  });

  it("asks for nothing that the user names by a variable", () => {
    program("id", "echo 1000");
    const env = Object.fromEntries(TOOLS.map(({ variable }) => [variable, "x"]));
    expect(setup(env).stderr).toContain("missing: g++ cppcheck clang-tidy \n");
  });

  it("updates the lists, then installs what is missing, without questions", () => {
    const log = join(bin, "log");
    program("id", "echo 0");
    program("gcc", "exit 0");
    // A stand-in that "installs" the programs.
    const made = PROGRAMS.map(
      (name) => `cat >"${bin}/${name}" </dev/null; chmod +x "${bin}/${name}"`,
    );
    program(
      "apt-get",
      `echo "$DEBIAN_FRONTEND $*" >>"${log}"\n[ "$1" = update ] || { ${made.join("; ")}; }`,
    );
    const { status, stderr } = setup({ CI: "true" });
    expect(stderr).toBe(`installing g++ clang libclang-rt-dev ${CROSS_PACKAGES}\n`);
    expect(status).toBe(0);
    expect(readFileSync(log, "utf8").split("\n")).toEqual([
      "noninteractive update -qq",
      `noninteractive install -qq -y --no-install-recommends g++ clang libclang-rt-dev ${CROSS_PACKAGES}`,
      "",
    ]);
  });

  it("shows the end of what apt-get said when it fails, and goes on", () => {
    program("id", "echo 0");
    program("apt-get", "echo 'no network'; exit 100");
    const { status, stderr } = setup();
    expect(status).toBe(0);
    expect(stderr).toContain("no network");
    expect(stderr).toContain("missing: gcc libc6-dev g++ clang");
  });

  it("names the packages that the tool table names", () => {
    const script = readFileSync(SCRIPT, "utf8");
    for (const { install } of TOOLS) {
      for (const command of [install.debian, install.fedora, install.arch, install.macos]) {
        const packages = command
          .replace(/^(sudo )?\S+ (install|-S)/, "")
          .trim()
          .split(" ");
        for (const name of packages) expect(script).toContain(name);
      }
    }
  });
});
