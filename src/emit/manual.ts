import type { InputEncoding, Network } from "../network/types.js";
import { elementCount } from "../network/types.js";
import type { Facts } from "../report/facts.js";
import { floatLiteral } from "./literals.js";
import { commentText } from "./names.js";
import type { CalibrationOrigin, Measured } from "./types.js";

/** The part of the header that says what goes in, what comes out and what it costs. */
export function manualLines(
  network: Network,
  facts: Facts,
  measured: Measured | null,
  calibration: CalibrationOrigin | undefined,
): string[] {
  const { input, output, total } = facts;
  const [height = 1, width = 1, channels = 1] = input.shape;
  const layout = height * width === 1 ? `[${channels}]` : `[${height}][${width}][${channels}]`;
  return [
    `  input    ${input.type}${layout}${height * width === 1 ? "" : " (row, column, channel)"}`,
    ...inputEncodingLines(network.input.encoding).map((line) => `           ${line}`),
    `  output   ${output.type}[${output.elements}]`,
    ...outputLines(network).map((line) => `           ${line}`),
    `  tables   ${total.tableBytes} B of flash at most: weights and constants`,
    `  arena    ${total.arenaBytes} B of RAM, input and output in it (no less is possible: ${total.arenaLowerBound} B)`,
    ...ruleLines(facts),
    ...(calibration === undefined ? [] : calibrationLines(calibration)),
    ...(measured === null ? NOT_MEASURED : measuredLines(measured)),
    `  work     ${total.macs} multiply-accumulates' worth, ${total.weights} weights`,
    ...(total.floatLayers === 0 ? [] : float32Lines(facts)),
    `  exact    ${total.exact ? "every requantisation equals exact arithmetic" : "no: see the layers' comments in the .c file"}`,
  ];
}

function calibrationLines({ file, hash, inputs, method }: CalibrationOrigin): string[] {
  return [
    `  scales   of activations chosen by ${method} on ${inputs} inputs of ${commentText(file)}`,
    `           (sha256 ${hash})`,
  ];
}

/** How the model file says that its latent floats become integers, rule by rule. */
function ruleLines({ layers }: Facts): string[] {
  const names = new Map<string, string[]>();
  for (const { name, weights } of layers) {
    if (weights === null || weights.rule === null) continue;
    const own = names.get(weights.rule) ?? [];
    names.set(weights.rule, own);
    own.push(name);
  }
  return [...names].flatMap(([rule, own]) => [
    `  weights  quantised by ${commentText(rule)}`,
    `           in ${own.join(", ")}`,
  ]);
}

const NOT_MEASURED = ["  code and stack depend on the compiler; `tritc verify` measures them"];

/** Whether the time depends on the input is a fact about the machine code, so it is measured. */
function measuredLines(measured: Measured): string[] {
  const { compiler, emulator, equalInputs, instructions, code, stack } = measured;
  const { min, max, inputs } = instructions;
  const time =
    min === max
      ? `${max} instructions a run, the same for each of ${inputs} inputs (constant time)`
      : `${min} to ${max} instructions a run over ${inputs} inputs (not constant time)`;
  return [
    `  code     ${code} B of flash, measured as what follows`,
    `  stack    ${stack} B of RAM`,
    `  time     ${time}`,
    `  equal    ${equalInputs} inputs gave the simulator's outputs, bit for bit`,
    `           with ${commentText(compiler)}, -O2`,
    `           on ${commentText(emulator)}`,
  ];
}

function float32Lines({ layers, total }: Facts): string[] {
  return [
    `  float32  ${total.floatLayers} of ${layers.length} layers: IEEE single precision, every operation rounded by itself, to`,
    "           nearest, so that all cores give the same bits. A floating-point unit must round to",
    "           nearest and keep denormals, as after reset (Arm: FPSCR.FZ clear). Where a number",
    "           overflows to infinity the output is infinite, NaN or without meaning",
  ];
}

function inputEncodingLines(encoding: InputEncoding): string[] {
  switch (encoding.kind) {
    case "float32":
      return ["the model's own float32; every element must be finite"];
    case "integer":
      return encoding.scale === null
        ? ["the model's own integers"]
        : [`real = (input - ${encoding.zero}) * ${encoding.scale}`];
    case "real":
      return [`input = ${encoding.formula}`, "of the model's float x"];
    default:
      return encoding satisfies never;
  }
}

function outputLines({ output, tensors }: Network): string[] {
  const tensor = tensors[output.tensor];
  const order =
    tensor === undefined || output.source === null || elementCount(tensor) === tensor.channels
      ? []
      : ["in the order row, column, channel"];
  const head = output.head === "none" ? [] : [`the model's ${output.head} is left to the caller`];
  if (output.real === null) {
    const own = tensor?.type === "float32" ? "float32" : "integers";
    return [`the model's own ${own}`, ...order, ...head];
  }
  const { scale, offset } = output.real;
  return [`real = output * ${scale}${offset === 0 ? "" : ` + ${offset}`}`, ...order, ...head];
}

/** Scale and offset of the output, for programs that want real numbers. */
export function constantLines({ input, output }: Network, upper: string): string[] {
  const lines: string[] = [];
  const { encoding } = input;
  if (encoding.kind === "integer" && encoding.scale !== null) {
    lines.push(`#define ${upper}_INPUT_SCALE ${floatLiteral(encoding.scale)}`);
    lines.push(`#define ${upper}_INPUT_ZERO (${encoding.zero})`);
  }
  if (output.real !== null) {
    lines.push(`#define ${upper}_OUTPUT_SCALE ${floatLiteral(output.real.scale)}`);
    lines.push(`#define ${upper}_OUTPUT_OFFSET ${floatLiteral(output.real.offset)}`);
  }
  return lines;
}
