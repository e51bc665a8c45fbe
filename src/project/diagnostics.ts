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
