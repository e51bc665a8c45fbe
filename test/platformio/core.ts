/**
 * PlatformIO for tests: the real `pio` with a private core folder in which everything is that a
 * project asks for, so that its registry is never needed.
 */

import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Where scripts/setup.sh installs it. */
const PRIVATE = path("../../build/pio/bin/pio");

interface VendorBoard {
  /** The Arduino core that the platform has for it: a folder of `stubs`. */
  readonly core: string;
  readonly cpu: string;
  readonly f_cpu: string;
  readonly flash: number;
  readonly ram: number;
  readonly flags: string;
}

interface VendorPlatform {
  readonly version: string;
  readonly boards: Readonly<Record<string, VendorBoard>>;
}

/** What the vendors' platforms say of their boards, read from their own files. */
export const VENDORS: Readonly<Record<string, VendorPlatform>> = JSON.parse(
  readFileSync(path("./vendor-boards.json"), "utf8"),
);

export interface Pio {
  readonly run: (args: readonly string[], cwd: string) => Promise<PioResult>;
  readonly env: Readonly<Record<string, string>>;
  readonly command: string;
  readonly remove: () => void;
}

export interface PioResult {
  readonly code: number | null;
  /** What it printed on both streams. */
  readonly text: string;
}

interface Found {
  readonly command: string;
  readonly python: string;
  readonly version: string;
  /** The version of SCons that this pio asks for. */
  readonly scons: string;
}

/** A `pio` whose Python has SCons, which pio would otherwise download; or why there is none. */
export function findPio(): Found | string {
  const command = existsSync(PRIVATE) ? PRIVATE : "pio";
  const info = spawnSync(command, ["system", "info", "--json-output"], {
    encoding: "utf8",
    env: quiet(""),
  });
  if (info.error !== undefined || info.status !== 0) return "no pio (scripts/setup.sh installs it)";
  const python = JSON.parse(info.stdout).python_exe.value;
  const asked = spawnSync(python, ["-c", QUESTION], { encoding: "utf8" });
  if (asked.status !== 0) return `no SCons beside ${command} (pip install scons)`;
  const [version = "", scons = ""] = asked.stdout.trim().split(" ");
  return { command, python, version, scons };
}

const QUESTION = `
import SCons, platformio
from platformio.dependencies import get_core_dependencies
print(platformio.__version__, get_core_dependencies()["tool-scons"].lstrip("~^="))
`;

function quiet(core: string): Record<string, string> {
  return {
    ...Object.fromEntries(
      Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined),
    ),
    ...(core === "" ? {} : { PLATFORMIO_CORE_DIR: core }),
    PLATFORMIO_SETTING_ENABLE_TELEMETRY: "no",
    PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL: "36500",
    PLATFORMIO_SETTING_CHECK_PRUNE_SYSTEM_THRESHOLD: "0",
    PLATFORMIO_NO_ANSI: "true",
    PLATFORMIO_DISABLE_PROGRESSBAR: "true",
  };
}

/** Puts stubs of the libraries that an environment asks the registry for where pio keeps them. */
export function addLibraries(project: string, environment: string): void {
  cpSync(path("./libraries"), join(project, ".pio/libdeps", environment), { recursive: true });
  for (const name of readdirSync(path("./libraries"))) {
    const folder = join(project, ".pio/libdeps", environment, name);
    const { version, owner } = JSON.parse(readFileSync(join(folder, "library.json"), "utf8"));
    const spec = { owner, id: 1, name, requirements: null, uri: null };
    writeJson(join(folder, ".piopm"), { type: "library", name, version, spec });
  }
}

/** Makes the private core folder; `remove` deletes it. Throws where there is no pio. */
export function makePio(found: Found | string): Pio {
  if (typeof found === "string") throw new Error(found);
  const { command, version, scons } = found;
  const core = mkdtempSync(join(tmpdir(), "tritc-pio-"));
  const env = quiet(core);
  writeTool(core, "tool-scons", scons, {
    "scons.py": "import sys\nfrom SCons.Script import main\n\nsys.exit(main())\n",
  });
  cpSync(path("./native"), join(core, "platforms/native"), { recursive: true });
  for (const [name, platform] of Object.entries(VENDORS)) {
    writeStandIn(join(core, "platforms", name), name, platform);
  }
  // Its own version as the last one that ran: otherwise it asks the registry for what is new.
  const now = Math.floor(Date.now() / 1000);
  writeJson(join(core, "appstate.json"), {
    last_version: version,
    last_check: { platformio_upgrade: now, prune_system: now },
  });
  return {
    command,
    env,
    run: (args, cwd) =>
      new Promise((resolve) => {
        const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
        let text = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
        }
        child.on("close", (code) => resolve({ code, text }));
      }),
    remove: () => rmSync(core, { recursive: true, force: true }),
  };
}

function writeTool(
  core: string,
  name: string,
  version: string,
  files: Record<string, string>,
): void {
  const folder = join(core, "packages", name);
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "package.json"), { name, version, description: "for tests" });
  // Without an owner the package is not the one that pio asks for.
  const spec = { owner: "platformio", id: 1, name, requirements: null, uri: null };
  writeJson(join(folder, ".piopm"), { type: "tool", name, version, spec });
  writeFileSync(join(folder, ".piokeep"), "");
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

/** What Debian's compilers for RISC-V and Xtensa lack. */
const LIBC = ["string.c", "xtensa_arithmetic.c", "xtensa_float.c"];

/** A platform of a vendor's name, version, boards and limits, with compilers that are here. */
function writeStandIn(folder: string, name: string, { version, boards }: VendorPlatform): void {
  mkdirSync(join(folder, "boards"), { recursive: true });
  cpSync(path("./standin"), folder, { recursive: true });
  cpSync(path("./stubs"), join(folder, "stubs"), { recursive: true });
  cpSync(path("../../firmware/harness/include"), join(folder, "libc/include"), { recursive: true });
  for (const file of LIBC) {
    cpSync(path(`../../firmware/harness/${file}`), join(folder, "libc", file));
  }
  writeJson(join(folder, "platform.json"), {
    name,
    title: name,
    version,
    description: "stands in for the vendor's platform",
    license: "Apache-2.0",
    engines: { platformio: "^6" },
    frameworks: { arduino: { script: "builder/arduino.py" } },
    packages: {},
  });
  writeJson(join(folder, ".piopm"), {
    type: "platform",
    name,
    version,
    spec: { owner: "platformio", id: 1, name, requirements: null, uri: null },
  });
  for (const [id, board] of Object.entries(boards)) {
    writeJson(join(folder, "boards", `${id}.json`), {
      name: id,
      vendor: name,
      url: "https://platformio.org/boards",
      frameworks: ["arduino"],
      build: {
        core: board.core,
        cpu: board.cpu,
        mcu: board.cpu,
        f_cpu: board.f_cpu,
        extra_flags: board.flags,
      },
      upload: { maximum_size: board.flash, maximum_ram_size: board.ram },
    });
  }
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
