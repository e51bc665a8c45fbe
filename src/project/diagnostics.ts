/** Everything that is said of PlatformIO. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import { PIO } from "../targets/tools.js";

export function noPio(problem: string | null): Diagnostic {
  return errorDiagnostic(
    "tool/no-pio",
    {},
    `PlatformIO is not here, which ${PIO.purpose}: ${problem ?? "not found"}`,
    `Install it with \`${PIO.install.debian}\`, or set ${PIO.variable} to its path.`,
  );
}

export function oldPio(version: string, oldest: string): Diagnostic {
  return errorDiagnostic(
    "tool/old-pio",
    {},
    `this is ${version}, and the projects of tritc need ${oldest} or newer`,
    "Bring it up to date with `pip install --upgrade platformio`.",
  );
}

/** `missing`: names of packages that the first build has to download. */
export function noRegistry(missing: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "tool/no-registry",
    {},
    `PlatformIO has to download ${missing.join(" and ")}, and its registry (api.registry.platformio.org) does not answer`,
    "Check the network, and HTTPS_PROXY behind a proxy; once downloaded, builds need no network.",
  );
}

/** `usage/no-project`: the folder is not one of PlatformIO's. */
export function noProject(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/no-project",
    { file: folder },
    "this folder holds no PlatformIO project (there is no platformio.ini)",
    "Name the project's folder, or make one with `tritc new`.",
  );
}

/** `usage/damaged-project`: PlatformIO cannot read it. */
export function damagedProject(folder: string, said: string): Diagnostic {
  return errorDiagnostic(
    "usage/damaged-project",
    { file: folder },
    `PlatformIO cannot read this project: ${said}`,
    "Mend platformio.ini; `pio project config` shows what PlatformIO makes of it.",
  );
}

/** `usage/unknown-environment` */
export function unknownEnvironment(name: string, names: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/unknown-environment",
    {},
    `the project has no environment "${name}"`,
    `Choose one of ${names.join(", ")}.`,
  );
}

/** `usage/which-environment`: several boards, or none. */
export function whichEnvironment(names: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/which-environment",
    {},
    `it is not clear which environment of the project to flash: there are ${names.join(", ")}`,
    `Say which: -e ${names[0] ?? "ENV"}.`,
  );
}

/** `device/flash-failed`: PlatformIO has said why. `upload`: what a person has to do, of the board. */
export function flashFailed(
  environment: string,
  ending: string,
  tail: string,
  upload: readonly string[],
): Diagnostic {
  return errorDiagnostic(
    "device/flash-failed",
    {},
    `PlatformIO could not build or flash ${environment} (${ending}):\n${tail}`,
    upload.length > 0
      ? upload.join(" ")
      : "Is the board plugged in, with a cable that carries data, and does no other program use its port?",
  );
}
