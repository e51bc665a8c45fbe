import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { emitC, type FileMap } from "../../src/emit/index.js";
import { KERNELS } from "../../src/kernels/index.js";
import { shapeOf } from "../../src/kernels/types.js";
import type { Plan } from "../../src/plan/index.js";
import { findTarget } from "../../src/targets/index.js";
import { drawNetwork } from "../fuzz/draw.js";
import { planFor, WITH_WEIGHTS } from "../fuzz/planning.js";
import { describeWith } from "../verify/toolchains.js";

const FLAGS =
  "-std=c99 -Wall -Wextra -Wconversion -Wsign-conversion -Wcast-qual -Wshadow -Wmissing-prototypes -pedantic -Werror -fsyntax-only".split(
    " ",
  );

const NETWORKS = 400;
/** Networks of one kernel that are enough. */
const ENOUGH = 12;
const CORES = ["cortex-m4", "cortex-m55", "rv32imc"].map(findTarget);

/** Null where no kernel that is left computes some layer. */
function planUnlessRefused(...given: Parameters<typeof planFor>): Plan | null {
  try {
    return planFor(...given);
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}

/** The kernel computes what it can, alone or with plain rows for the rest. */
function planWith(kernel: string, seed: number): Plan | null {
  const network = drawNetwork(seed);
  const others = WITH_WEIGHTS.filter((name) => name !== kernel);
  const kernels = KERNELS.filter(({ name }) => name === kernel);
  for (const target of CORES) {
    const able = network.layers.some((layer) => {
      const shape = shapeOf(layer, network);
      return kernels.some((each) => each.isFor(shape) && each.refuses(shape, target) === null);
    });
    if (!able) continue;
    const without = [others, others.filter((name) => !name.startsWith("rows-"))];
    for (const names of without) {
      const optimize = kernel === "rows-base3" ? "smallest" : "speed";
      const planned = planUnlessRefused(network, target, { optimize, without: names });
      if (planned?.layers.some((layer) => layer.kernel.name === kernel) === true) return planned;
    }
  }
  return null;
}

/** The C of random networks with one kernel of weights. */
function sourcesOf(kernel: string): FileMap[] {
  const found: FileMap[] = [];
  for (let seed = 0; seed < NETWORKS && found.length < ENOUGH; seed++) {
    const planned = planWith(kernel, seed);
    if (planned === null) continue;
    found.push(emitC(planned, "m", { source: "", hash: "", command: "", version: "" }));
  }
  return found;
}

describeWith(["gcc", "clang"], "the C of random networks with one kernel", () => {
  it.each(WITH_WEIGHTS)("compiles without a warning: %s", (kernel) => {
    const sources = sourcesOf(kernel);
    expect(sources).not.toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), "tritc-warnings-"));
    try {
      for (const [i, files] of sources.entries()) {
        mkdirSync(join(folder, `${i}`));
        for (const [name, text] of files) writeFileSync(join(folder, `${i}`, name), text);
      }
      const paths = sources.map((_, i) => join(`${i}`, "m.c"));
      for (const compiler of ["gcc", "clang"]) {
        execFileSync(compiler, [...FLAGS, ...paths], { cwd: folder, stdio: "pipe" });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
