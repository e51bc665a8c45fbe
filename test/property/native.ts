import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitC } from "../../src/emit/index.js";
import type { Kernel } from "../../src/kernels/index.js";
import { elementCount, type Network } from "../../src/network/types.js";
import { plan } from "../../src/plan/index.js";
import { type Samples, storageArray } from "../../src/simulate/batch.js";
import { findTarget } from "../../src/targets/index.js";

/** A network and inputs for it, in its own order. */
export interface Trial {
  readonly name: string;
  readonly network: Network;
  readonly inputs: Samples;
  /** What the planner may choose from; every kernel unless said otherwise. */
  readonly kernels?: readonly Kernel[];
}

const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** Out-of-bounds accesses, overflows and bad shifts end the program, where the compiler can do that. */
export function sanitizers(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "tritc-sanitizers-"));
  try {
    writeFileSync(join(folder, "main.c"), "int main(void) { return 0; }\n");
    execFileSync("cc", [...SANITIZERS, "main.c", "-o", "main"], { cwd: folder, stdio: "pipe" });
    execFileSync(join(folder, "main"), { stdio: "pipe" });
    return SANITIZERS;
  } catch {
    console.warn("SKIPPED: sanitizers, cc has none");
    return [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Compiles the generated C of all trials into one program, each network with buffers and an arena
 * of just its size on the heap, and returns the outputs of every trial.
 */
export function runNatively(trials: readonly Trial[], flags: readonly string[]): Int32Array[] {
  const folder = mkdtempSync(join(tmpdir(), "tritc-property-"));
  try {
    const sources = trials.map(({ name, network, kernels }) => {
      const provenance = { source: name, hash: "", command: name, version: "" };
      const files = emitC(
        plan(network, findTarget("native"), kernels === undefined ? {} : { kernels }),
        name,
        provenance,
      );
      for (const [file, text] of files) writeFileSync(join(folder, file), text);
      return `${name}.c`;
    });
    writeFileSync(join(folder, "main.c"), programText(trials.map((t) => t.name)));
    const options = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", ...flags];
    execFileSync("cc", [...options, "main.c", ...sources, "-o", "main"], {
      cwd: folder,
      stdio: "pipe",
    });
    const output = execFileSync(join(folder, "main"), {
      input: Buffer.concat(trials.map(inputBytes)),
      maxBuffer: 2 ** 28,
    });
    return splitOutputs(trials, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inputBytes({ inputs }: Trial): Buffer {
  const { values, count } = inputs;
  const head = Buffer.alloc(4);
  head.writeUInt32LE(count);
  return Buffer.concat([head, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

function splitOutputs(trials: readonly Trial[], bytes: Buffer): Int32Array[] {
  let at = 0;
  return trials.map(({ network, inputs }) => {
    const tensor = network.tensors[network.output.tensor];
    if (tensor === undefined) throw new Error("no output tensor");
    const values = storageArray(tensor.type, inputs.count * elementCount(tensor));
    const own = bytes.subarray(at, at + values.byteLength);
    new Uint8Array(values.buffer).set(own);
    at += values.byteLength;
    return Int32Array.from(values);
  });
}

/** For each network: the number of inputs, then the inputs; outputs in the same order. */
function programText(names: readonly string[]): string {
  return [
    "#include <stdio.h>",
    "#include <stdlib.h>",
    "#include <string.h>",
    ...names.map((name) => `#include "${name}.h"`),
    "",
    ...names.map(trialText),
    "int main(void)",
    "{",
    ...names.map((name) => `    run_${name}();`),
    "    return 0;",
    "}",
    "",
  ].join("\n");
}

function trialText(name: string): string {
  const upper = name.toUpperCase();
  return `static void run_${name}(void)
{
    ${name}_input_t *input = malloc(${upper}_INPUT_SIZE * sizeof *input);
    ${name}_output_t *output = malloc(${upper}_OUTPUT_SIZE * sizeof *output);
    uint8_t *arena = malloc(${upper}_ARENA_SIZE);
    uint32_t count = 0;

    if (!input || !output || !arena || fread(&count, sizeof count, 1, stdin) != 1) {
        exit(1);
    }
    for (; count > 0u; --count) {
        if (fread(input, sizeof *input, ${upper}_INPUT_SIZE, stdin) != ${upper}_INPUT_SIZE) {
            exit(2);
        }
        ${name}_run_in(arena, input, output);
        fwrite(output, sizeof *output, ${upper}_OUTPUT_SIZE, stdout);
        /* Again where the arena has room for both. */
        memcpy(&arena[${upper}_INPUT_AT], input, ${upper}_INPUT_SIZE * sizeof *input);
        ${name}_run_in(arena, (void *)&arena[${upper}_INPUT_AT],
            (void *)&arena[${upper}_OUTPUT_AT]);
        if (memcmp(&arena[${upper}_OUTPUT_AT], output, ${upper}_OUTPUT_SIZE * sizeof *output)) {
            fputs("${name} computes something else in its arena\\n", stderr);
            exit(3);
        }
    }
    free(input);
    free(output);
    free(arena);
}
`;
}
