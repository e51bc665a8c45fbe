import { readFileSync } from "node:fs";
import { emitC } from "../../src/emit/index.js";
import { elementCount, type Network, tensorAt } from "../../src/network/types.js";
import type { Target } from "../../src/targets/index.js";
import { ELEMENT_SIZE, type Subject } from "../../src/verify/index.js";
import type { Trial } from "./compare.js";
import { planFor } from "./planning.js";

/** A change of the generated C, to see it caught. */
export type Plant = (source: string) => string;

/** Bytes before the tensor, of an input and of an output: see amalgam.c. */
export const HEAD_BYTES = 4;

const PROGRAM = readFileSync(new URL("amalgam.c", import.meta.url), "utf8");

/**
 * Many networks as one subject of the verifier, which takes and gives bytes as amalgam.c says.
 * Kernels that several networks contain are compiled once.
 */
export function amalgamate(
  trials: readonly Pick<Trial, "network" | "planning">[],
  target: Target,
  plant: Plant,
): Subject {
  const networks = trials.map(({ network }) => network);
  const sources = new Map<string, string>();
  const rooms: number[] = [];
  const bodies = trials.map(({ network, planning }, i) => {
    const name = `n${i}`;
    const planned = planFor(network, target, planning);
    const files = emitC(planned, name, { source: name, hash: "", command: name, version: "" });
    rooms.push(
      4,
      planned.arenaBytes,
      tensorBytes(network, "input"),
      tensorBytes(network, "output"),
    );
    sources.set(`${name}.h`, files.get(`${name}.h`) ?? "");
    return plant(files.get(`${name}.c`) ?? "");
  });
  const room = Math.ceil(Math.max(...rooms) / 4) * 4;
  const largest = (end: "input" | "output"): number =>
    HEAD_BYTES + Math.max(...networks.map((network) => tensorBytes(network, end)));
  const [input, output] = [largest("input"), largest("output")];
  sources.set("fuzz.h", headerText(input, output));
  const names = networks.map((_, i) => `ROW(n${i}, N${i})`).join(" ");
  const definitions = [
    `#define FUZZ_NETWORKS(ROW) ${names}`,
    `#define FUZZ_ROOM ${room}u`,
    `#define FUZZ_HEAP ${target.machine.kind === "host" ? 1 : 0}`,
  ];
  const program = ['#include "fuzz.h"', ...withoutCopies(bodies), ...definitions, PROGRAM];
  sources.set("fuzz.c", program.join("\n"));
  return {
    name: "fuzz",
    sources,
    input: { elements: input, type: "uint8" },
    output: { elements: output, type: "uint8" },
    layers: [],
  };
}

/** Bytes of the network's input or output. */
export function tensorBytes(network: Network, end: "input" | "output"): number {
  const tensor = tensorAt(network, network[end].tensor);
  return elementCount(tensor) * ELEMENT_SIZE[tensor.type];
}

/** Functions, structs and types that stand in several sources stay in the first of them. */
function withoutCopies(sources: readonly string[]): string[] {
  const seen = new Set<string>();
  return sources.map((source) =>
    definitionsOf(source)
      .filter((definition) => {
        const text = definition.trim();
        if (!/^(\/\*.*?\*\/\s*)*(static|struct|typedef|#if|#define)/s.test(text)) return true;
        if (seen.has(text)) return false;
        seen.add(text);
        return true;
      })
      .join(""),
  );
}

/** The source, cut after each definition and after each whole conditional part outside of one. */
function definitionsOf(source: string): string[] {
  const definitions: string[] = [];
  let definition = "";
  let open = false;
  let conditions = 0;
  for (const line of source.split(/(?<=\n)/)) {
    definition += line;
    if (/^#if/.test(line)) conditions++;
    if (/^#endif/.test(line)) conditions--;
    if (/^\{|[{]$/.test(line.trimEnd()) && !line.startsWith(" ")) open = true;
    if (/^\}/.test(line)) open = false;
    if (conditions === 0 && !open && /^\}|^#endif|^[a-z].*;$/.test(line)) {
      definitions.push(definition);
      definition = "";
    }
  }
  return [...definitions, definition];
}

function headerText(inputBytes: number, outputBytes: number): string {
  return `#ifndef FUZZ_H
#define FUZZ_H
#include <stdint.h>
#define FUZZ_INPUT_SIZE ${inputBytes}u
#define FUZZ_OUTPUT_SIZE ${outputBytes}u
typedef uint8_t fuzz_input_t;
typedef uint8_t fuzz_output_t;
void fuzz_run(const fuzz_input_t *input, fuzz_output_t *output);
#endif
`;
}
