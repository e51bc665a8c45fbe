import { generate, load } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { KERNELS, type Kernel } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import type { Subject } from "../../src/verify/index.js";
import { subjectOf } from "../../src/verify/subject.js";

export const TARGET = findTarget("cortex-m4");

/** The C of a model file, for a Cortex-M4, with the kernels that `compile` chooses among. */
export function subjectOfModel(
  path: string,
  kernels: readonly Kernel[] = KERNELS,
): { network: Network; subject: Subject } {
  const model = readModelFile(path);
  const { network } = load(model);
  const { files } = generate(network, model, {
    name: "net",
    target: TARGET,
    kernels,
  });
  return { network, subject: subjectOf(network, "net", files) };
}

/** The subject with one text of its C replaced; fails where that text does not stand exactly once. */
export function mutated(subject: Subject, from: string, to: string): Subject {
  const text = subject.sources.get("net.c") ?? "";
  if (text.split(from).length !== 2) throw new Error(`"${from}" does not stand there once`);
  const sources = new Map(subject.sources).set("net.c", text.replace(from, to));
  return { ...subject, sources };
}
