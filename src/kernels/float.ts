import { floatLiteral } from "../emit/literals.js";
import type { FloatBinary, FloatProgram, FloatStep, FloatStore } from "../network/float.js";
import {
  elementCount,
  type PointwiseLayer,
  type ReduceLayer,
  type StorageType,
  type Tensor,
} from "../network/types.js";
import type { Target } from "../targets/index.js";
import { cType, type KernelUse } from "./library.js";
import { simpleKernel } from "./simple.js";
import type { Kernel, KernelCode, LayerShape, Table } from "./types.js";

/**
 * Where the elements of a program stand: `rows` times `columns` of them, named by the C expressions
 * `row` (of the outer loop) and `column`; `element` is their place in memory.
 */
interface Loop {
  readonly rows: number;
  readonly columns: number;
  readonly element: string;
  readonly column: string;
}

/** The C of a program: statements for each row, and those for each of its elements. */
interface ProgramCode {
  readonly ofRow: readonly string[];
  readonly ofElement: readonly string[];
  /** The result, as a C expression. */
  readonly result: string;
  readonly tables: readonly Table[];
  readonly uses: readonly KernelUse[];
}

const INFIX: Readonly<Record<FloatBinary, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  max: ">",
  min: "<",
};

/** Steps that are the same for a whole row are computed once a row. */
function programCode(
  { steps }: FloatProgram,
  inputs: readonly Tensor[],
  loop: Loop,
  count: number,
): ProgramCode {
  const ofRow: string[] = [];
  const ofElement: string[] = [];
  const tables: Table[] = [];
  const values: { readonly text: string; readonly varies: boolean }[] = [];
  const valueAt = (index: number) => {
    const value = values[index];
    if (value === undefined) throw new RangeError(`no step ${index}`);
    return value;
  };
  for (const [index, step] of steps.entries()) {
    const name = `v${index}`;
    if (step.op === "constant" && step.values.length === 1) {
      values.push({ text: floatLiteral(step.values[0] ?? 0), varies: false });
      continue;
    }
    if (step.op === "constant") {
      const suffix = tables.length === 0 ? "constant" : `constant_${tables.length + 1}`;
      const comment = "A constant of the model, in the order of memory.";
      const { values: constants } = step;
      const { length } = constants;
      tables.push({ suffix, type: "float", length, values: () => constants, comment });
      const at = constantIndex(step.values.length, loop, count);
      values.push({ text: `{layer}_${suffix}[${at}]`, varies: true });
      continue;
    }
    const varies = stepVaries(step, inputs, count, (i) => valueAt(i).varies);
    const lines = stepLines(step, name, (i) => valueAt(i).text, inputs, loop, count);
    (varies ? ofElement : ofRow).push(...lines);
    values.push({ text: name, varies });
  }
  const uses: KernelUse[] = [{ file: "float32" }];
  if (steps.some((step) => step.op === "sqrt")) uses.push({ file: "sqrt" });
  return { ofRow, ofElement, result: valueAt(steps.length - 1).text, tables, uses };
}

function stepVaries(
  step: FloatStep,
  inputs: readonly Tensor[],
  count: number,
  varies: (index: number) => boolean,
): boolean {
  switch (step.op) {
    case "operand":
      return elementsOf(inputs, step.input) === count;
    case "constant":
      return true;
    case "neg":
    case "abs":
    case "sqrt":
      return varies(step.a);
    default:
      return varies(step.a) || varies(step.b);
  }
}

function stepLines(
  step: Exclude<FloatStep, { op: "constant" }>,
  name: string,
  text: (index: number) => string,
  inputs: readonly Tensor[],
  loop: Loop,
  count: number,
): string[] {
  switch (step.op) {
    case "operand": {
      const elements = elementsOf(inputs, step.input);
      const at = elements === count ? loop.element : operandRow(elements, loop);
      const cast = inputs[step.input]?.type === "float32" ? "" : "(float)";
      return [`const float ${name} = ${cast}x${step.input}[${at}];`];
    }
    case "neg":
      return [`const float ${name} = -${text(step.a)};`];
    case "abs": {
      const a = text(step.a);
      return [`const float ${name} = (${a} <= 0.0f) ? (0.0f - ${a}) : ${a};`];
    }
    case "sqrt":
      return [`const float ${name} = tritc_sqrt(${text(step.a)});`];
    case "max":
    case "min": {
      const [a, b] = [text(step.a), text(step.b)];
      return [`const float ${name} = (${a} ${INFIX[step.op]} ${b}) ? ${a} : ${b};`];
    }
    case "add":
    case "sub":
    case "mul":
    case "div":
      return [
        `float ${name} = ${text(step.a)} ${INFIX[step.op]} ${text(step.b)};`,
        `TRITC_ROUNDED(${name});`,
      ];
    default:
      return step satisfies never;
  }
}

function elementsOf(inputs: readonly Tensor[], index: number): number {
  const input = inputs[index];
  if (input === undefined) throw new RangeError(`no input ${index}`);
  return elementCount(input);
}

function operandRow(elements: number, { rows }: Loop): string {
  if (elements === 1) return "0";
  if (elements !== rows) throw new Error(`an operand of ${elements} elements for ${rows} rows`);
  return "row";
}

function constantIndex(length: number, loop: Loop, count: number): string {
  if (length === count) return loop.element;
  if (length === loop.columns) return loop.column;
  return `(${loop.element}) % ${length}`;
}

function parametersOf({ inputs }: LayerShape): string {
  return inputs.map(({ type }, i) => `const ${cType(type)} *x${i}`).join(", ");
}

function storeLines(store: FloatStore, result: string, at: string, type: StorageType): string[] {
  switch (store.kind) {
    case "float32":
      return [`y[${at}] = ${result};`];
    case "round": {
      const call = `tritc_round(${result}, ${floatLiteral(store.low)}, ${floatLiteral(store.high)})`;
      const sum = store.zero === 0 ? call : `(${store.zero} + ${call})`;
      return [`y[${at}] = (${cType(type)})${sum};`];
    }
    case "bipolar":
      return [`y[${at}] = (${cType(type)})((${result} >= 0.0f) ? 1 : -1);`];
    default:
      return store satisfies never;
  }
}

/** Instructions of one float32 operation: in hardware, or in the compiler's support library. */
function instructionsOf({ program }: PointwiseLayer | ReduceLayer, { features }: Target): number {
  return program.steps.length * (features.fpu === "none" ? 50 : 3);
}

function pointwiseCode({ program, store }: PointwiseLayer, shape: LayerShape): KernelCode {
  const count = elementCount(shape.output);
  const partial = shape.inputs.map(elementCount).filter((elements) => elements < count);
  const rows = Math.max(1, ...partial);
  const columns = count / rows;
  const single = rows === 1;
  const element = single ? "i" : "at + i";
  const loop: Loop = { rows, columns, element, column: "i" };
  const code = programCode(program, shape.inputs, loop, count);
  const inner = [
    `for (int32_t i = 0; i < ${columns}; ++i) {`,
    ...indented([
      ...code.ofElement,
      "",
      ...storeLines(store, code.result, element, shape.output.type),
    ]),
    "}",
  ];
  const body = single
    ? [...code.ofRow, "", ...inner]
    : [
        `for (int32_t row = 0; row < ${rows}; ++row) {`,
        ...indented([`const int32_t at = row * ${columns};`, ...code.ofRow, "", ...inner]),
        "}",
      ];
  const uses = store.kind === "round" ? [...code.uses, { file: "round" as const }] : code.uses;
  return floatCode(code, uses, shape, body);
}

function reduceCode(layer: ReduceLayer, shape: LayerShape): KernelCode {
  const { program, reduction, count, stride } = layer;
  const outputs = elementCount(shape.output);
  const single = stride === 1;
  const element = single ? `(row * ${count}) + i` : `at + (i * ${stride})`;
  const column = single ? "i" : element;
  const loop: Loop = { rows: outputs, columns: single ? count : 0, element, column };
  const code = programCode(program, shape.inputs, loop, outputs * count);
  const next =
    reduction === "sum"
      ? [`value = value + ${code.result};`, "TRITC_ROUNDED(value);"]
      : [`value = (value > ${code.result}) ? value : ${code.result};`];
  const body = [
    `for (int32_t row = 0; row < ${outputs}; ++row) {`,
    ...indented([
      ...(single
        ? []
        : [`const int32_t at = ((row / ${stride}) * ${count * stride}) + (row % ${stride});`]),
      ...code.ofRow,
      `float value = ${reduction === "sum" ? "0.0f" : "-FLT_MAX"};`,
      "",
      `for (int32_t i = 0; i < ${count}; ++i) {`,
      ...indented([...code.ofElement, "", ...next]),
      "}",
      "y[row] = value;",
    ]),
    "}",
  ];
  return floatCode(code, code.uses, shape, body);
}

function floatCode(
  { tables }: ProgramCode,
  uses: readonly KernelUse[],
  shape: LayerShape,
  body: readonly string[],
): KernelCode {
  return {
    uses,
    tables,
    structs: [],
    scratch: [],
    requantize: null,
    template: "float",
    view: { parameters: parametersOf(shape), body: tidied(indented(body)).join("\n") },
  };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `    ${line}`));
}

/** No empty line after an opening brace or at the start. */
function tidied(lines: readonly string[]): string[] {
  return lines.filter((line, i) => line !== "" || !/^$|\{$/.test(lines[i - 1] ?? ""));
}

export const FLOAT_KERNELS: readonly Kernel[] = [
  simpleKernel(
    "pointwise",
    (layer, shape, target) => elementCount(shape.output) * (6 + instructionsOf(layer, target)),
    pointwiseCode,
  ),
  simpleKernel(
    "reduce",
    (layer, shape, target) =>
      elementCount(shape.output) * layer.count * (6 + instructionsOf(layer, target)),
    reduceCode,
  ),
];
