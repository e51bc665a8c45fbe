import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { runProcess } from "./process.js";
import { siblingTool } from "./run.js";
import type { Toolchain } from "./toolchain.js";

/** Bytes of the sections that the linker script gathers the model's own parts in. */
export interface ModelSizes {
  readonly code: number;
  readonly tables: number;
  readonly data: number;
}

/** Reads the sections of an emulated target's program with the toolchain's `size`. */
export async function measureSizes(
  toolchain: Toolchain,
  program: string,
  signal: AbortSignal | undefined,
): Promise<ModelSizes> {
  const size = siblingTool(toolchain, "size");
  const result = await runProcess(size, ["-A", program], { silenceLimitMs: 20_000, signal });
  if (result.ending.kind !== "exited" || result.ending.code !== 0) {
    fail(
      say.toolFailed(size, `cannot read the built program (${result.ending.kind})`, result.stderr),
    );
  }
  const sections = new Map(
    result.stdout.split("\n").map((line) => {
      const [name = "", bytes = ""] = line.split(/\s+/);
      return [name, Number(bytes)] as const;
    }),
  );
  // The linker leaves out a section that nothing is in.
  const bytesOf = (name: string) => sections.get(name) ?? 0;
  return {
    code: bytesOf(".model_code"),
    tables: bytesOf(".model_tables"),
    data: bytesOf(".model_data") + bytesOf(".model_bss"),
  };
}
