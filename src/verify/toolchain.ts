import { basename } from "node:path";
import type { Configuration } from "./configurations.js";
import { type Environment, type FoundTool, requireTool } from "./probe.js";

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

/** Name and version for reports, without the folder. */
export function describeTool(tool: FoundTool): string {
  const name = basename(tool.command);
  return tool.version.startsWith(name) ? tool.version : `${name}: ${tool.version}`;
}
