import { render } from "../emit/templates.js";
import { KERNELS, shapeOf } from "../kernels/index.js";
import { cType } from "../kernels/library.js";
import { pick } from "../network/channels.js";
import {
  elementCount,
  type IntegerTensor,
  type Layer,
  type Network,
  type Range,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import { TARGETS, type Target } from "../targets/index.js";
import type { Subject } from "../verify/types.js";
import { ELEMENT_SIZE } from "../verify/workspace.js";

/** C that is analysed by itself: it includes the generated files, compiled with `<NAME>_TRACE`. */
export interface Program {
  /** Index of the layer that it is about. */
  readonly layer: number;
  readonly text: string;
  /** A function that is taken at its contract's word here, and analysed in a program of its own. */
  readonly contract: string | null;
}

/** Every value of a type: what needs neither check nor more than unknown bytes. */
const LIMITS = {
  int8: { low: -128, high: 127 },
  uint8: { low: 0, high: 255 },
  int16: { low: -(2 ** 15), high: 2 ** 15 - 1 },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
} as const;

/** The name that alarms give to what a layer's sums must be for its outputs to be right. */
export const SUMS = "sums_in_range";

/**
 * The programs that together prove a network's C: one for each layer and, where it has sums of weights,
 * one for the function that makes outputs of them. Null where the C does not call one layer after the
 * other as tritc writes it.
 */
export function proofPrograms(
  network: Network,
  subject: Subject,
  target: Target,
): Program[] | null {
  const { name } = subject;
  const source = subject.sources.get(`${name}.c`) ?? "";
  const calls = layerCalls(source, name);
  if (calls.length !== network.layers.length) return null;
  return network.layers.flatMap((layer, index) => {
    const out = outFunction(network, layer, subject, target);
    const text = render("proof.c.hbs", {
      name,
      layer: layer.name,
      upper: name.toUpperCase(),
      contract: out === null ? "" : contractText(out),
      cases: network.layers
        .slice(0, index + 1)
        .map((each, i) => caseText(tensorAt(network, each.output), i, i === index))
        .join("\n"),
      calls: calls
        .slice(0, index + 1)
        .flatMap(({ call, after }, i) => (i === index ? [call, after] : [after]))
        .join("\n"),
      input: unknownInput(tensorAt(network, network.input.tensor)),
    });
    const whole: Program = { layer: index, text, contract: out?.name ?? null };
    return out === null
      ? [whole]
      : [{ layer: index, text: outText(out, layer.name, name), contract: null }, whole];
  });
}

/**
 * Kernels whose sums the analysis follows exactly. Elsewhere they stand in lanes of words or in tables, or
 * are differences of sums of the same inputs, and their ranges get lost.
 */
const FOLLOWED: readonly string[] = ["rows-ternary", "rows-int4", "rows-int8"];

/** Whether the ranges of a layer's sums may get lost in its kernel. */
export function losesSums(subject: Subject, layer: string): boolean {
  const kernel = kernelOf(subject, layer);
  return kernel !== null && !FOLLOWED.includes(kernel);
}

/** The kernel of a layer, as the C says; null where it does not. */
export function kernelOf({ sources, name }: Subject, layer: string): string | null {
  const headline = new RegExp(`^/\\* --- ${layer}: .*, kernel (\\S+)`, "m");
  return headline.exec(sources.get(`${name}.c`) ?? "")?.[1] ?? null;
}

interface Call {
  readonly call: string;
  readonly after: string;
}

/** The statements of `<name>_run_in`: for each layer its call, and the call of the trace. */
function layerCalls(source: string, name: string): Call[] {
  const [, body = ""] =
    new RegExp(`^void ${name}_run_in\\(.*\\)\\n{\\n([^]*?)^}`, "m").exec(source) ?? [];
  const statements = body.split(/(?<=;)\n/).filter((text) => text.trim() !== "");
  const calls: Call[] = [];
  let call: string[] = [];
  for (const statement of statements) {
    if (!statement.trimStart().startsWith(`${name.toUpperCase()}_AFTER(`)) call.push(statement);
    else {
      calls.push({ call: call.join("\n"), after: statement });
      call = [];
    }
  }
  return calls;
}

/** The function of a layer that makes an output of an accumulator, and what it must do. */
interface OutFunction {
  readonly name: string;
  readonly type: string;
  readonly sums: readonly Range[];
  readonly output: Range;
}

function outFunction(
  network: Network,
  layer: Layer,
  subject: Subject,
  target: Target,
): OutFunction | null {
  const tensor = tensorAt(network, layer.output);
  const made = kernelOf(subject, layer.name);
  const kernel = KERNELS.find(({ name }) => name === made);
  if (!("weights" in layer) || tensor.type === "float32" || kernel === undefined) return null;
  const shape = shapeOf(layer, network);
  const able = [target, ...TARGETS].find((each) => kernel.refuses(shape, each) === null);
  // Sums are the same on every core that the kernel can be made for.
  const ranges = able === undefined ? [] : (kernel.code(shape, able).requantize?.sums ?? []);
  const source = subject.sources.get(`${subject.name}.c`) ?? "";
  const name = `${subject.name}_${layer.name}_out`;
  const head = new RegExp(`^static inline (\\w+) ${name}\\(int32_t acc, int32_t channel\\)$`, "m");
  const type = head.exec(source)?.[1];
  if (type === undefined || ranges.length === 0) return null;
  const sums = Array.from({ length: layer.weights.outputs }, (_, o) => pick(ranges, o));
  return { name, type, sums, output: tensor.range };
}

function contractText(out: OutFunction): string {
  return [
    sumsText(out),
    `/*@ requires ${SUMS}: sums_low[channel] <= acc <= sums_high[channel];`,
    "    assigns \\result \\from acc, channel;",
    `    ensures within_range: ${out.output.low} <= \\result <= ${out.output.high}; */`,
    `static inline ${out.type} ${out.name}(int32_t acc, int32_t channel);`,
    "",
  ].join("\n");
}

function sumsText({ sums }: OutFunction): string {
  const table = (name: string, values: readonly number[]): string =>
    `static const int32_t ${name}[${values.length}] = {${values.join(", ")}};`;
  return [
    table(
      "sums_low",
      sums.map(({ low }) => low),
    ),
    table(
      "sums_high",
      sums.map(({ high }) => high),
    ),
  ].join("\n");
}

function outText(out: OutFunction, layer: string, name: string): string {
  return render("proof_out.c.hbs", {
    name,
    layer,
    sums: sumsText(out),
    channels: out.sums.length,
    type: out.type,
    function: out.name,
    low: out.output.low,
    high: out.output.high,
  });
}

/** What the trace does with a tensor: the layer's own is checked, earlier ones hold anything. */
function caseText(tensor: Tensor, layer: number, checked: boolean): string {
  const type = cType(tensor.type);
  const bytes = elementCount(tensor) * ELEMENT_SIZE[tensor.type];
  const last = elementCount(tensor) - 1;
  const checks = [
    `        /*@ assert stated_size: bytes == ${bytes}; */`,
    `        /*@ assert all_written: \\initialized(((${type} *)tensor) + (0 .. ${last})); */`,
    ...(tensor.type === "float32" || isAnything(tensor) ? [] : [rangeCheck(tensor, type, last)]),
  ];
  return [
    `    case ${layer}u:`,
    ...(checked ? checks : held(tensor, `((${type} *)tensor)`, "        ")),
    "        break;",
  ].join("\n");
}

function rangeCheck({ range: { low, high } }: IntegerTensor, type: string, last: number): string {
  const within = `${low} <= ((${type} *)tensor)[i] <= ${high}`;
  return `        /*@ assert within_range: \\forall integer i; 0 <= i <= ${last} ==> ${within}; */`;
}

function isAnything({ type, range }: IntegerTensor): boolean {
  return range.low <= LIMITS[type].low && range.high >= LIMITS[type].high;
}

/** Statements that make a tensor hold anything of its range. */
function held(tensor: Tensor, at: string, indent: string): string[] {
  const size = ELEMENT_SIZE[tensor.type];
  const bytes = elementCount(tensor) * size;
  if (tensor.type === "float32" || isAnything(tensor)) {
    return [`${indent}Frama_C_make_unknown((char *)${at}, ${bytes}u);`];
  }
  const { low, high } = tensor.range;
  return [
    `${indent}${at}[0] = (${cType(tensor.type)})Frama_C_interval(${low}, ${high});`,
    `${indent}spread((uint8_t *)${at}, ${size}u, ${bytes}u);`,
  ];
}

function unknownInput(tensor: Tensor): string {
  if (tensor.type !== "float32") return held(tensor, "input", "    ").join("\n");
  return [
    "    input[0] = Frama_C_float_interval(-3.0e38f, 3.0e38f);",
    `    spread((uint8_t *)input, 4u, ${elementCount(tensor) * 4}u);`,
  ].join("\n");
}
