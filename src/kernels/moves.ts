import { elementCount, type GatherLayer, type GatherPart, type Layer } from "../network/types.js";
import { type KernelUse, kernelName, operandName } from "./library.js";
import { simpleKernel } from "./simple.js";
import type { Kernel, KernelCode, LayerShape, Struct, Table } from "./types.js";

/** Boxes, whose rows, columns and channels come from places of their own. */
const parts = simpleKernel(
  "gather",
  (layer, shape) =>
    layer.parts.reduce((sum, part) => sum + 3 * sizeOf(part), 0) + 3 * elementCount(shape.output),
  partsCode,
  { name: "gather-parts" },
);

/** One place for each element: any permutation, for two or four bytes each. */
const table = simpleKernel(
  "gather",
  (_, shape) => 5 * elementCount(shape.output),
  (layer) => tableCode(layer),
  {
    name: "gather-table",
    refuses: (layer) => (layer.inputs.length > 1 || hasGaps(layer) ? "several sources" : null),
  },
);

function sizeOf({ rows, columns, channels }: GatherPart): number {
  return rows.length * columns.length * channels.length;
}

function hasGaps({ parts: boxes, view }: GatherLayer): boolean {
  const filled = boxes.reduce((sum, part) => sum + sizeOf(part), 0);
  return filled < view.height * view.width * view.channels;
}

function partsCode(layer: GatherLayer, { inputs, output }: LayerShape): KernelCode {
  const fills = hasGaps(layer);
  const made = layer.parts.map((part, i) => partCode(part, i, layer, { inputs, output }));
  const start = `${kernelName("fill", output.type)}(${layer.fill}, ${elementCount(output)}, y);`;
  const unused = inputs
    .map((_, i) => operandName(i))
    .filter((_, i) => !layer.parts.some((part) => part.input === i));
  return {
    uses: [
      ...made.map(({ use }) => use),
      ...(fills ? [{ file: "fill" as const, type: output.type }] : []),
    ],
    tables: made.flatMap(({ tables }) => tables),
    structs: made.map(({ struct }) => struct),
    scratch: [],
    requantize: null,
    template: "whole",
    view: {
      call: [
        ...unused.map((name) => `(void)${name};`),
        ...(fills ? [start] : []),
        ...made.map(({ call }) => call),
      ].join("\n    "),
    },
  };
}

interface PartCode {
  readonly use: KernelUse;
  readonly tables: readonly Table[];
  readonly struct: Struct;
  readonly call: string;
}

function partCode(
  part: GatherPart,
  index: number,
  { view }: GatherLayer,
  { inputs, output }: Pick<LayerShape, "inputs" | "output">,
): PartCode {
  const run = part.channels.every((at, c) => at === c);
  const file = run ? "copy_runs" : "copy_part";
  const places = (what: "rows" | "columns" | "channels"): Table => ({
    suffix: `${what}_${index}`,
    type: "int32_t",
    length: part[what].length,
    values: () => part[what],
    comment: `Where its ${what} begin in the source.`,
  });
  const args = [
    operandName(part.input),
    `&{layer}_part_${index}`,
    ...(run ? [] : [`{layer}_channels_${index}`]),
    "y",
  ];
  const { type } = inputs[part.input] ?? output;
  return {
    use: { file, type, output: output.type },
    tables: [places("rows"), places("columns"), ...(run ? [] : [places("channels")])],
    struct: {
      suffix: `part_${index}`,
      type: "tritc_part",
      fields: {
        out_width: view.width,
        out_channels: view.channels,
        top: part.top,
        left: part.left,
        first: part.first,
        height: part.rows.length,
        width: part.columns.length,
        channels: part.channels.length,
        rows: { table: `rows_${index}` },
        columns: { table: `columns_${index}` },
      },
    },
    call: `${kernelName(file, type, output.type)}(${args.join(", ")});`,
  };
}

function tableCode({ parts: boxes, view }: GatherLayer): KernelCode {
  const source = new Int32Array(view.height * view.width * view.channels);
  for (const { top, left, first, rows, columns, channels } of boxes) {
    for (const [y, row] of rows.entries()) {
      for (const [x, column] of columns.entries()) {
        const to = ((top + y) * view.width + left + x) * view.channels + first;
        source.set(
          channels.map((channel) => row + column + channel),
          to,
        );
      }
    }
  }
  const largest = source.reduce((a, b) => Math.max(a, b), 0);
  return {
    uses: [],
    tables: [
      {
        suffix: "source",
        type: largest > 65535 ? "uint32_t" : "uint16_t",
        length: source.length,
        values: () => source,
        comment: "Where each output element comes from.",
      },
    ],
    structs: [],
    scratch: [],
    requantize: null,
    template: "gather",
    view: { count: source.length },
  };
}

const lookup = simpleKernel(
  "lookup",
  (_, shape) => 6 * elementCount(shape.output),
  ({ table: values, columns }: Layer & { kind: "lookup" }, { inputs }) => {
    const [input] = inputs;
    if (input === undefined) throw new Error("every layer has an input");
    const rows = values.length / columns;
    const args = ["x", elementCount(input), "{layer}_table", rows, columns, "y"];
    return {
      uses: [{ file: "lookup", type: input.type }],
      tables: [
        {
          suffix: "table",
          type: "int8_t",
          length: values.length,
          values: () => values,
          comment: `${rows} rows of ${columns}.`,
        },
      ],
      structs: [],
      scratch: [],
      requantize: null,
      template: "whole",
      view: { call: `${kernelName("lookup", input.type)}(${args.join(", ")});` },
    };
  },
);

export const MOVE_KERNELS: readonly Kernel[] = [parts, table, lookup];
