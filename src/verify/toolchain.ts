import { basename } from "node:path";
import type { Target } from "../targets/index.js";
import { type Environment, type FoundTool, requireTool } from "./probe.js";

/** The programs that one target is built and run with. */
export interface Toolchain {
  readonly compiler: FoundTool;
  readonly emulator: FoundTool | null;
}

/** The toolchain of a target. Throws `tool/missing`. */
export async function requireToolchain(target: Target, env: Environment): Promise<Toolchain> {
  const compiler = await requireTool(target.compiler.tool, target.id, env);
  const { machine } = target;
  if (machine.kind === "host") return { compiler, emulator: null };
  return { compiler, emulator: await requireTool(machine.kind, target.id, env) };
}

/** Name and version for reports, without the folder. */
export function describeTool(tool: FoundTool): string {
  const name = basename(tool.command);
  return tool.version.startsWith(name) ? tool.version : `${name}: ${tool.version}`;
}
