import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Board } from "../boards/index.js";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import { PIO } from "../targets/tools.js";
import { type Environment, type FoundTool, probeTool } from "../verify/index.js";
import * as say from "./diagnostics.js";

/** The first version that has `test_framework = custom` and `symlink://` packages. */
const OLDEST = [6, 1] as const;

/** PlatformIO's command. Throws `tool/no-pio` or `tool/old-pio`. */
export async function requirePio(env: Environment): Promise<FoundTool> {
  const { found, problem } = await probeTool(PIO, env);
  if (found === null) return fail(say.noPio(problem));
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(found.version) ?? [];
  const [oldMajor, oldMinor] = OLDEST;
  const old = Number(major) < oldMajor || (Number(major) === oldMajor && Number(minor) < oldMinor);
  return old ? fail(say.oldPio(found.version, OLDEST.join("."))) : found;
}

/**
 * What keeps a project for the board from being built here, as warnings: the project itself is whole.
 */
export async function pioRemarks(board: Board, env: Environment): Promise<Diagnostic[]> {
  try {
    await requirePio(env);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map(asWarning);
    throw error;
  }
  const problem = await downloadProblem(board, env);
  return problem === null ? [] : [asWarning(problem)];
}

function asWarning(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: "warning" };
}

/** Whether something answers; tests bring their own. */
export type Reach = (env: Environment) => Promise<boolean>;

/**
 * Null where `pio run` can begin: nothing has to be downloaded, or the registry answers. PlatformIO
 * itself is silent for a minute before it gives up.
 */
export async function downloadProblem(
  board: Board,
  env: Environment,
  reach: Reach = registryAnswers,
): Promise<Diagnostic | null> {
  const missing = missingPackages(board, env);
  if (missing.length === 0 || (await reach(env))) return null;
  return say.noRegistry(missing);
}

/** What the first build downloads and is not in PlatformIO's core folder yet. */
function missingPackages({ platform }: Board, env: Environment): string[] {
  const core = env.PLATFORMIO_CORE_DIR ?? join(env.HOME ?? homedir(), ".platformio");
  const missing =
    versionIn(join(core, "packages/tool-scons/package.json")) === null ? ["tool-scons"] : [];
  if (platform.kind === "emulated") return missing;
  const { name, version } = platform;
  const folders = [name, `${name}@${version}`];
  const versions = folders.map((folder) =>
    versionIn(join(core, "platforms", folder, "platform.json")),
  );
  return versions.includes(version) ? missing : [...missing, `${name}@${version}`];
}

/** The version that a package's manifest states; null where there is no such package. */
function versionIn(file: string): string | null {
  try {
    const { version }: { version?: unknown } = JSON.parse(readFileSync(file, "utf8"));
    return typeof version === "string" ? version : null;
  } catch {
    return null; // not there, or not whole: pio will fetch it
  }
}

const PATIENCE_MS = 4000;

/** PlatformIO's own list of mirrors. */
const REGISTRIES = [
  "https://api.registry.platformio.org",
  "https://api.registry.nm1.platformio.org",
];

/** Asks the registry and its mirror; behind a proxy, whether the proxy is there. */
async function registryAnswers(env: Environment): Promise<boolean> {
  const proxy = env.HTTPS_PROXY ?? env.https_proxy ?? env.HTTP_PROXY ?? env.http_proxy ?? "";
  if (URL.canParse(proxy)) return accepts(new URL(proxy));
  const asked = REGISTRIES.map(async (address) => {
    await fetch(address, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
    return true;
  });
  return Promise.any(asked).catch(() => false);
}

function accepts({ hostname, port, protocol }: URL): Promise<boolean> {
  const usual = protocol === "https:" ? 443 : 80;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: port === "" ? usual : Number(port) });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
