import type { KernelCode } from "../kernels/index.js";
import { kernelName } from "../kernels/library.js";

/** What the templates themselves define, after the model's name. */
const OWN = [
  "run",
  "run_in",
  "input",
  "output",
  "trace",
  "input_t",
  "output_t",
  "needs_arithmetic_right_shift",
  "arena",
] as const;

/**
 * The C function of each layer: `<model>_<layer>`, longer where a table, a kernel or the model's own
 * interface has that name. A node may well be called "run", or "conv_weights" beside a "conv".
 *
 * @param layers the layers' names, unique
 * @param codes what each layer defines and uses
 */
export function layerFunctions(
  layers: readonly string[],
  codes: readonly KernelCode[],
  model: string,
): string[] {
  const taken = new Set(OWN.map((name) => `${model}_${name}`));
  for (const [i, { tables, structs, uses, requantize, defines = [] }] of codes.entries()) {
    const made = [...tables, ...structs, ...(requantize?.tables ?? [])].map((t) => t.suffix);
    for (const suffix of [...made, ...defines, "out", "outputs", "lanes"])
      taken.add(`${model}_${layers[i]}_${suffix}`);
    for (const { file, type } of uses)
      taken.add(type === undefined ? file : kernelName(file, type));
  }
  return layers.map((layer) => {
    let name = `${model}_${layer}`;
    while (taken.has(name)) name += "_layer";
    taken.add(name);
    return name;
  });
}
