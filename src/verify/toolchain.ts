import { basename } from "node:path";
import type { Target } from "../targets/index.js";
import type { ToolId } from "../targets/tools.js";
import type { Configuration } from "./configurations.js";
import { type Environment, type FoundTool, requireTool, type ToolReport } from "./probe.js";

/** The programs that one target is built and run with. */
export interface Toolchain {
  readonly compiler: FoundTool;
  readonly emulator: FoundTool | null;
}

/** The toolchain of a configuration. Throws `tool/missing`. */
export async function requireToolchain(
  { id, target, compiler: tool }: Configuration,
  env: Environment,
): Promise<Toolchain> {
  const compiler = await requireTool(tool, id, env);
  const { machine } = target;
  if (machine.kind === "host") return { compiler, emulator: null };
  return { compiler, emulator: await requireTool(machine.kind, id, env) };
}

/** Whether everything that a target is built and run with was found. */
export function isReady({ compiler, machine }: Target, tools: readonly ToolReport[]): boolean {
  const needed: readonly ToolId[] =
    machine.kind === "host" ? [compiler.tool] : [compiler.tool, machine.kind];
  return tools.every(({ tool, found }) => found !== null || !needed.includes(tool.id));
}

/** Name and version for reports, without the folder. */
export function describeTool(tool: FoundTool): string {
  const name = basename(tool.command);
  return tool.version.startsWith(name) ? tool.version : `${name}: ${tool.version}`;
}
