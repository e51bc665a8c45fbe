import { access, constants, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fail } from "../diagnostics.js";
import { TOOLS, type Tool, type ToolId, toolOf } from "../targets/tools.js";
import { missingTool } from "./diagnostics.js";
import { runProcess } from "./process.js";

/** A tool that is there and answers. */
export interface FoundTool {
  /** Path of the program. */
  readonly command: string;
  /** The first line that it prints for `--version`. */
  readonly version: string;
  /** What led to it: an environment variable, `PATH`, or a folder. */
  readonly foundBy: string;
}

export interface ToolReport {
  readonly tool: Tool;
  readonly found: FoundTool | null;
  /** Why not, when it was not found. */
  readonly problem: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface Candidate {
  readonly command: string;
  readonly foundBy: string;
}

/** Long enough for a cold start from a slow disk. */
const VERSION_LIMIT_MS = 20_000;

/** Looks for every tool that verification can use. */
export function probeTools(env: Environment = process.env): Promise<readonly ToolReport[]> {
  return Promise.all(TOOLS.map((tool) => probeTool(tool, env)));
}

/** The tool, or a `tool/missing` that says how to get it. */
export async function requireTool(
  id: ToolId,
  target: string,
  env: Environment = process.env,
): Promise<FoundTool> {
  const report = await probeTool(toolOf(id), env);
  return report.found ?? fail(missingTool(report.tool, target, report.problem));
}

/** Looks for one tool. */
export async function probeTool(tool: Tool, env: Environment): Promise<ToolReport> {
  const problems: string[] = [];
  for (const { command, foundBy } of await candidates(tool, env)) {
    const version = await versionOf(command);
    const lacks = version.known ? await lackOf(command, tool) : `does not run: ${version.text}`;
    if (lacks === null) {
      return { tool, found: { command, version: version.text, foundBy }, problem: null };
    }
    problems.push(`${command} (${foundBy}) ${lacks}`);
  }
  const problem =
    problems.length > 0
      ? problems.join("; ")
      : `no ${tool.commands.join(" or ")} in PATH or in the usual folders`;
  return { tool, found: null, problem };
}

/** What a program that runs cannot do; null when nothing is missing. */
async function lackOf(command: string, { ability }: Tool): Promise<string | null> {
  if (ability === undefined) return null;
  const { args, text } = ability;
  const { stdout } = await runProcess(command, args, { silenceLimitMs: VERSION_LIMIT_MS });
  return stdout.includes(text) ? null : `does not know ${text}`;
}

/** Programs of the right name, in order of preference. A variable of the user's is the only one. */
async function candidates(tool: Tool, env: Environment): Promise<Candidate[]> {
  const named = env[tool.variable];
  if (named !== undefined && named !== "") {
    const isPath = named.includes("/") || named.includes("\\");
    const command = isPath ? named : ((await inFolders(searchPath(env), [named]))[0] ?? named);
    return [{ command, foundBy: tool.variable }];
  }
  const inPath = await inFolders(searchPath(env), tool.commands);
  const found: Candidate[] = inPath.map((command) => ({ command, foundBy: "PATH" }));
  for (const pattern of tool.folders) {
    const folders = await expandFolder(pattern, env);
    for (const command of await inFolders(folders, tool.commands)) {
      found.push({ command, foundBy: pattern });
    }
  }
  return found;
}

function searchPath(env: Environment): string[] {
  return (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Every executable of one of the names; the first name comes first, wherever it is. */
async function inFolders(folders: readonly string[], names: readonly string[]): Promise<string[]> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  const executable = await Promise.all(paths.map(isExecutable));
  return paths.filter((_, index) => executable[index]);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function expandFolder(pattern: string, env: Environment): Promise<string[]> {
  const rooted = expandRoot(pattern, env);
  if (rooted === null) return [];
  const [before, after] = rooted.split("/*/");
  if (before === undefined || after === undefined) return [rooted];
  const versions = await readdir(before).catch(() => []); // not there: nothing installed this way
  return versions
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((version) => `${before}/${version}/${after}`);
}

/** Null when the environment variable that a pattern starts with is not set. */
function expandRoot(pattern: string, env: Environment): string | null {
  if (pattern.startsWith("~")) return (env.HOME ?? homedir()) + pattern.slice(1);
  const variable = /^\$(\w+)/.exec(pattern)?.[1];
  if (variable === undefined) return pattern;
  const value = env[variable];
  return value === undefined ? null : value + pattern.slice(variable.length + 1);
}

async function versionOf(command: string): Promise<{ known: boolean; text: string }> {
  const result = await runProcess(command, ["--version"], { silenceLimitMs: VERSION_LIMIT_MS });
  const firstLine = (text: string) => text.split("\n")[0]?.trim() ?? "";
  const { ending } = result;
  switch (ending.kind) {
    case "exited":
      return ending.code === 0
        ? { known: true, text: firstLine(result.stdout) }
        : { known: false, text: firstLine(result.stderr) || `exit code ${ending.code}` };
    case "killed":
      return { known: false, text: `killed by ${ending.signal}` };
    case "silent":
      return { known: false, text: "it does not answer" };
    case "not-started":
      return { known: false, text: ending.reason };
    default:
      return ending satisfies never;
  }
}
