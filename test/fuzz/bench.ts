import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TARGETS } from "../../src/targets/index.js";
import type { ToolId } from "../../src/targets/tools.js";
import { compilerFlags } from "../../src/verify/build.js";
import { type Configuration, configurationList } from "../../src/verify/configurations.js";
import { runProcess } from "../../src/verify/process.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import { withWorkFolder } from "../../src/verify/workspace.js";

/** A way to build and run generated C. */
export interface Bench {
  readonly configuration: Configuration;
  readonly tools: readonly ToolId[];
  /** Networks that fit one program. */
  readonly batch: number;
}

function benchOf(configuration: Configuration): Bench {
  const { target, compiler } = configuration;
  const { machine } = target;
  if (machine.kind === "host") return { configuration, tools: [compiler], batch: 50 };
  // The smallest board has 16 KiB of RAM and 256 of flash; halved where even that is too many.
  const batch = target.id === "cortex-m0" ? 12 : 25;
  return { configuration, tools: [compiler, machine.kind], batch };
}

/** The sanitizers see what the others might survive; the others optimise as users do. */
const NATIVE = [
  ...["native:gcc:O1:sanitize", "native:clang:O1:sanitize"],
  ...["native:gcc:O3", "native:clang:O2", "native:gcc:Os"],
];

const EMULATED = TARGETS.filter(
  ({ machine, optional }) => machine.kind !== "host" && optional !== true,
).map(({ id }) => id);

const SETS: Readonly<Record<string, readonly string[]>> = {
  native: NATIVE,
  emulated: EMULATED,
  all: [...NATIVE, ...EMULATED],
};

/**
 * The benches of `native`, `emulated`, `all`, or a list of configurations as `tritc verify` takes it.
 * Throws `usage/unknown-target` or `usage/unknown-configuration`.
 */
export function benchesOf(text: string): readonly Bench[] {
  return configurationList(SETS[text]?.join(",") ?? text).map(benchOf);
}

/** Whether the compiler has what the bench asks of it: not every one has sanitizers. */
export async function isAvailable({ configuration }: Bench): Promise<boolean> {
  if (!configuration.sanitize) return true;
  const { compiler } = await requireToolchain(configuration, process.env);
  return withWorkFolder("fuzz-probe", undefined, async (cwd) => {
    await writeFile(join(cwd, "main.c"), "int main(void) { return 0; }\n");
    const args = [...compilerFlags(configuration, "").link, "main.c", "-o", "main"];
    const { ending } = await runProcess(compiler.command, args, { cwd, silenceLimitMs: 60_000 });
    return ending.kind === "exited" && ending.code === 0;
  });
}
