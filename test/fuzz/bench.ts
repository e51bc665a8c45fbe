import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findTarget, TARGETS, type Target } from "../../src/targets/index.js";
import type { ToolId } from "../../src/targets/tools.js";
import type { Environment } from "../../src/verify/probe.js";
import { runProcess } from "../../src/verify/process.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import type { Optimization } from "../../src/verify/types.js";
import { withWorkFolder } from "../../src/verify/workspace.js";

/** A way to build and run generated C. */
export interface Bench {
  readonly id: string;
  readonly target: Target;
  readonly optimization: Optimization;
  readonly env: Environment;
  readonly tools: readonly ToolId[];
  /** Networks that fit one program. */
  readonly batch: number;
}

const ADDRESSES = ["-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** Needs no library of the compiler's, which not every clang has. */
const TRAPS = ["-fsanitize=undefined", "-fsanitize-trap=undefined"];

function native(
  id: string,
  compiler: string,
  optimization: Optimization,
  flags: readonly string[] = [],
): Bench {
  return {
    id,
    target: { ...findTarget("native"), compiler: { tool: "cc", flags } },
    optimization,
    env: { ...process.env, TRITC_CC: compiler },
    tools: ["cc"],
    batch: 50,
  };
}

function emulated(target: Target): Bench {
  const { machine, compiler } = target;
  return {
    id: target.id,
    target,
    optimization: "-O2",
    env: process.env,
    tools: machine.kind === "host" ? [compiler.tool] : [compiler.tool, machine.kind],
    // The smallest board has 16 KiB of RAM and 256 of flash; halved where even that is too many.
    batch: target.id === "cortex-m0" ? 12 : 25,
  };
}

/** Every way, the fastest first; the sanitizers see what the others might survive. */
export const BENCHES: readonly Bench[] = [
  native("gcc-sanitized", "gcc", "-O1", ADDRESSES),
  native("clang-trapping", "clang", "-O1", TRAPS),
  native("gcc-O3", "gcc", "-O3"),
  native("clang-O2", "clang", "-O2"),
  native("gcc-Os", "gcc", "-Os"),
  ...TARGETS.filter(({ machine }) => machine.kind !== "host").map(emulated),
];

/** Whether the compiler has what the bench asks of it: not every one has sanitizers. */
export async function isAvailable({ target, env }: Bench): Promise<boolean> {
  if (target.machine.kind !== "host") return true;
  const { compiler } = await requireToolchain(target, env);
  return withWorkFolder("fuzz-probe", undefined, async (cwd) => {
    await writeFile(join(cwd, "main.c"), "int main(void) { return 0; }\n");
    const args = [...target.compiler.flags, "main.c", "-o", "main"];
    const { ending } = await runProcess(compiler.command, args, { cwd, silenceLimitMs: 60_000 });
    return ending.kind === "exited" && ending.code === 0;
  });
}

/** The benches of `--target`: one of them by its id, `native`, `emulated` or `all`. */
export function benchesOf(id: string): readonly Bench[] {
  const native = ({ target }: Bench) => target.machine.kind === "host";
  if (id === "all") return BENCHES;
  if (id === "native") return BENCHES.filter(native);
  if (id === "emulated") return BENCHES.filter((bench) => !native(bench));
  return BENCHES.filter((bench) => bench.id === id);
}
