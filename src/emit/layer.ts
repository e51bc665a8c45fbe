import { BYTES, type KernelCode, type Struct } from "../kernels/index.js";
import { cType, operandName } from "../kernels/library.js";
import type { RequantizeFunction } from "../kernels/requantize.js";
import type { Exactness, Layer, StorageType } from "../network/types.js";
import type { PlannedLayer } from "../plan/index.js";
import { literal, tableText } from "./literals.js";
import { commentText } from "./names.js";
import { arenaPointer } from "./pointers.js";
import { render } from "./templates.js";

/** What one layer becomes in C. */
export interface LayerC {
  readonly planned: PlannedLayer;
  /** Name of its function. */
  readonly symbol: string;
}

/** One layer of the generated C: a comment that names its origin, its tables, its function. */
export function layerText({ planned, symbol }: LayerC, model: string): string {
  const { shape, code } = planned;
  const { layer } = shape;
  const prefix = `${model}_${layer.name}`;
  const named = (text: string): string => text.replaceAll("{layer}", prefix);
  const { requantize } = code;
  const tables = [...code.tables, ...(requantize?.tables ?? [])].map((t) =>
    tableText(t, `${prefix}_${t.suffix}`),
  );
  const structs = code.structs.map((s) => structText(s, prefix));
  const view = Object.fromEntries(
    Object.entries(code.view).map(([key, value]) => [
      key,
      typeof value === "string" ? named(value) : value,
    ]),
  );
  const body = render(`layers/${code.template}.c.hbs`, {
    ...view,
    layer: prefix,
    function: symbol,
    operands: shape.inputs
      .map(({ type }, i) => `const ${cType(type)} *${operandName(i)}`)
      .join(", "),
    y: cType(shape.output.type),
    scratch: scratchText(planned),
  });
  const out =
    requantize === null
      ? []
      : [outText(requantize, shape.output.type), ...vectorText(code, shape.output.type)].map(named);
  const source = code.source === undefined ? [] : [named(code.source())];
  return [headline(planned), ...tables, ...structs, ...source, ...out, body].join("\n");
}

/** Whether the layer's function takes the arena. */
export function needsArena({ code }: PlannedLayer): boolean {
  return code.scratch.length > 0;
}

/** The function that turns the layer's accumulators into outputs. */
function outText({ parameters, body }: RequantizeFunction, output: StorageType): string {
  const lines = body.map((line) => (line === "" ? "" : `    ${line}`));
  return render("out.c.hbs", { y: cType(output), parameters, body: lines.join("\n") });
}

/** The functions that do so in vectors, where the kernel asks for them. */
function vectorText({ requantize, vectors }: KernelCode, output: StorageType): string[] {
  if (requantize === null || vectors === undefined) return [];
  const lanes = requantize.lanes?.map((line) => `    ${line}`).join("\n") ?? "";
  const parameters = requantize.parameters.replaceAll("int32_t acc", "int32x4_t acc");
  const twin = lanes === "" ? [] : [render("lanes.c.hbs", { parameters, lanes })];
  if (vectors === "operands") return twin;
  const view = {
    y: cType(output),
    size: BYTES[output],
    acc: cType(vectors),
    load: vectors === "int16" ? "vldrhq_s32" : "vldrwq_s32",
    lanes: lanes !== "",
  };
  return [...twin, render("outputs.c.hbs", view)];
}

function scratchText({ scratch, code }: PlannedLayer): string {
  return code.scratch
    .map(({ name, type }) => {
      const start = arenaPointer(type, scratch.get(name) ?? 0);
      return `    ${cType(type)} *${name} = ${start};`;
    })
    .join("\n");
}

function structText({ suffix, type, fields }: Struct, prefix: string): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === "number" ? literal(value, "int32_t") : `${prefix}_${value.table}`;
    return `    ${text}, /* ${name} */`;
  });
  return `static const struct ${type} ${prefix}_${suffix} = {\n${lines.join("\n")}\n};\n`;
}

function headline({ shape, kernel }: PlannedLayer): string {
  const { layer, inputs, output } = shape;
  const nodes = layer.origins.map((o) => commentText(`${o.op} "${o.name}"`)).join(", ");
  const form = (t: { height: number; width: number; channels: number; type: string }): string =>
    `${t.type}[${t.height}][${t.width}][${t.channels}]`;
  const lines = [
    `--- ${layer.name}: ${layer.kind}, ${inputs.map(form).join(" + ")} -> ${form(output)}, kernel ${kernel.name}`,
    ...wrapWords(`From ${nodes}.`),
    ...wrapWords(arithmeticText(layer)),
  ];
  return `/* ${lines.join("\n * ")} */`;
}

/** The proved bounds of the accumulators, and how exact the requantisation is. */
function arithmeticText(layer: Layer): string {
  const parts: string[] = [];
  if ("accumulators" in layer) {
    const low = Math.min(...layer.accumulators.map((r) => r.low));
    const high = Math.max(...layer.accumulators.map((r) => r.high));
    parts.push(`Accumulators stay in [${low}, ${high}].`);
  }
  const rule = "requantization" in layer ? layer.requantization : null;
  if (rule !== null && rule.kind !== "none") parts.push(exactnessText(rule.exactness));
  return parts.join(" ");
}

/** In words, for comments and reports. */
export function exactnessText(exactness: Exactness): string {
  switch (exactness.kind) {
    case "exact":
      return "Equal to exact arithmetic for every reachable accumulator.";
    case "bounded":
      return (
        `Equal to exact arithmetic but for at most ${exactness.most} of ${exactness.of} operands, ` +
        `which are within ${exactness.within.toPrecision(2)} output steps of a break point.`
      );
    case "rounded":
      return `Rounded: off by at most ${exactness.bound.toPrecision(3)} units.`;
    default:
      return exactness satisfies never;
  }
}

const WORDS = 94;

function wrapWords(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WORDS) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
