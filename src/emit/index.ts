import { BYTES } from "../kernels/index.js";
import { cType, librarySource } from "../kernels/library.js";
import { elementCount, inputsOf, type Network, type TensorId, tensorAt } from "../network/types.js";
import type { Place, Plan, PlannedLayer } from "../plan/index.js";
import { type Facts, factsOf } from "../report/facts.js";
import { type LayerC, layerText, needsArena } from "./layer.js";
import { constantLines, manualLines } from "./manual.js";
import { commentText } from "./names.js";
import { arenaPointer, callStatement } from "./pointers.js";
import { layerFunctions } from "./symbols.js";
import { render } from "./templates.js";
import type { FileMap, Measured, Provenance } from "./types.js";

export { checkModelName, suggestModelName } from "./names.js";
export { fingerprintOf, serialFiles } from "./serial.js";
export type { FileMap, Measured, Provenance } from "./types.js";

/**
 * The generated C: `<name>.h` and `<name>.c`. `name` has passed `checkModelName`. What was measured of
 * such C before stands in the header, and changes nothing else.
 */
export function emitC(
  plan: Plan,
  name: string,
  provenance: Provenance,
  measured: Measured | null = null,
): FileMap {
  const facts = factsOf(plan);
  const common = commonView(plan, name, provenance);
  return new Map([
    [
      `${name}.h`,
      headerText(plan, facts, common, { measured, calibration: provenance.calibration }),
    ],
    [`${name}.c`, sourceText(plan, common)],
  ]);
}

function commonView(plan: Plan, name: string, provenance: Provenance) {
  const { network } = plan;
  const output = tensorAt(network, network.output.tensor);
  const input = tensorAt(network, network.input.tensor);
  const inputOffset = offsetOf(plan, network.input.tensor);
  const outputOffset = offsetOf(plan, network.output.tensor);
  return {
    file: name,
    name,
    upper: name.toUpperCase(),
    run: `${name}_run`,
    version: provenance.version,
    source: commentText(provenance.source),
    hash: provenance.hash,
    command: commentText(provenance.command),
    inputSize: elementCount(input),
    outputSize: elementCount(output),
    inputType: cType(input.type),
    outputType: cType(output.type),
    arenaUsed: plan.layers.some(arenaIsUsed(plan)),
    arenaSize: plan.arenaBytes,
    ...{ inputOffset, outputOffset },
    input: arenaPointer(input.type, inputOffset),
    output: arenaPointer(output.type, outputOffset),
  };
}

/** Whether a layer's call needs the arena. */
function arenaIsUsed({ places }: Plan): (planned: PlannedLayer) => boolean {
  return (planned) => {
    const { layer } = planned.shape;
    const tensors = [...inputsOf(layer), layer.output];
    return needsArena(planned) || tensors.some((id) => places.get(id)?.pointer === "arena");
  };
}

function offsetOf({ places }: Plan, tensor: TensorId): number {
  const place = places.get(tensor);
  if (place === undefined) throw new RangeError(`tensor ${tensor} has no place`);
  return place.offset;
}

type CommonView = ReturnType<typeof commonView>;

function headerText(
  plan: Plan,
  facts: Facts,
  common: CommonView,
  {
    measured,
    calibration,
  }: {
    readonly measured: Measured | null;
    readonly calibration: Provenance["calibration"];
  },
): string {
  const integerOnly = facts.total.floatLayers === 0;
  const count = facts.layers.length;
  const kinds = new Set(facts.layers.flatMap((l) => (l.weights === null ? [] : [l.weights.kind])));
  return render("model.h.hbs", {
    ...common,
    summary: `${count} ${count === 1 ? "layer" : "layers"}, ${[...kinds].join(" and ")} weights, ${integerOnly ? "integer only" : "integers and float32"}.`,
    absent: integerOnly ? "floating point" : "libm",
    manual: commentLines(manualLines(plan.network, facts, measured, calibration)),
    constants: constantLines(plan.network, common.upper).join("\n"),
  });
}

function sourceText(plan: Plan, common: CommonView): string {
  const codes = plan.layers.map(({ code }) => code);
  const names = plan.network.layers.map((layer) => layer.name);
  const symbols = layerFunctions(names, codes, common.name);
  const layers = plan.layers.map((planned, i): LayerC => {
    const symbol = symbols[i];
    if (symbol === undefined) throw new RangeError(`no layer ${i}`);
    return { planned, symbol };
  });
  return render("model.c.hbs", {
    ...common,
    plan: commentLines(planLines(plan)),
    library: librarySource(codes.flatMap((c) => [...c.uses, ...(c.requantize?.uses ?? [])])),
    layers: layers.map((layer) => layerText(layer, common.name)).join("\n"),
    calls: layers.map((layer, i) => callText(plan, layer, i, common.upper)).join("\n"),
  });
}

function callText(
  { network, places }: Plan,
  { planned, symbol }: LayerC,
  index: number,
  upper: string,
): string {
  const { layer } = planned.shape;
  const place = (id: TensorId): string => pointer(places.get(id), network, id);
  const args = [...inputsOf(layer).map(place), place(layer.output)];
  if (needsArena(planned)) args.unshift("arena");
  const tensor = tensorAt(network, layer.output);
  const bytes = elementCount(tensor) * BYTES[tensor.type];
  return [
    callStatement(symbol, args, "    "),
    callStatement(`${upper}_AFTER`, [`${index}u`, place(layer.output), `${bytes}u`], "    "),
  ].join("\n");
}

function pointer(place: Place | undefined, network: Network, id: TensorId): string {
  if (place === undefined) throw new Error(`tensor ${id} has no place`);
  return place.pointer === "arena"
    ? arenaPointer(tensorAt(network, id).type, place.offset)
    : place.pointer;
}

/** The arena as a table: what stands where, from which layer to which. */
function planLines(plan: Plan): string[] {
  const { network } = plan;
  const { input, output } = network;
  const lines = ["Arena, in bytes:"];
  const add = (tensor: TensorId, name: string, since: number): void => {
    const place = plan.places.get(tensor);
    if (place === undefined) return;
    const last = network.layers.reduce(
      (latest, layer, i) => (inputsOf(layer).includes(tensor) ? i : latest),
      since,
    );
    const until = tensor === output.tensor ? "the end" : (network.layers[last]?.name ?? "the end");
    lines.push(`  ${range(place.offset, place.offset + place.bytes)}  ${name}, until ${until}`);
  };
  add(input.tensor, "the input", 0);
  plan.layers.forEach(({ shape: { layer }, code, scratch }, i) => {
    add(layer.output, layer.output === output.tensor ? `${layer.name}, the output` : layer.name, i);
    for (const { name, type, elements } of code.scratch) {
      const offset = scratch.get(name) ?? 0;
      lines.push(`  ${range(offset, offset + elements * BYTES[type])}  ${name} of ${layer.name}`);
    }
  });
  return lines;
}

function range(from: number, to: number): string {
  return `${String(from).padStart(6)} .. ${String(to).padStart(6)}`;
}

function commentLines(lines: readonly string[]): string {
  return lines.map((line) => ` * ${line}`.trimEnd()).join("\n");
}
