import { render } from "../../emit/templates.js";
import type { Block } from "./block.js";
import { partBounds } from "./blocks.js";
import type { Geometry } from "./geometry.js";
import type { Isa, Line } from "./isa.js";

/** C99 promises no longer string literals, and clang holds assembly to it. */
const STATEMENT = 4000;

const LINE = 88;

/** C of the layer's blocks and of `{layer}_sums`, which calls them. */
export function sumsSource(geometry: Geometry, blocks: readonly Block[], isa: Isa): string {
  const bounds = partBounds(geometry);
  const positions = geometry.kind === "twins" ? geometry.positions : 1;
  const parts = bounds.length - 1;
  const size = blocks[0]?.count ?? 1;
  const lineEach = (text: (part: number) => string): string =>
    Array.from({ length: parts }, (_, part) => text(part)).join("\n");
  const target = (part: number): string =>
    part === 0 ? "sums" : `&sums[${part * positions} * count]`;
  const index = (part: number): string => {
    const block = `first / ${size}`;
    return parts === 1 ? block : `((${block}) * ${parts}) + ${part}`;
  };
  return render("layers/straight-sums.c.hbs", {
    functions: blocks.map((block, i) => blockFunction(i, block, geometry, isa)).join("\n"),
    blocks: "{layer}_blocks",
    sums: "{layer}_sums",
    functionCount: blocks.length,
    names: blocks.map((_, i) => `    {layer}_block${i},`).join("\n"),
    many: parts > 1,
    calls: lineEach((p) => `    {layer}_blocks[${index(p)}](rows, ${target(p)}, ${positions});`),
    shape: shapeFields(geometry).join(", "),
    portableCalls: lineEach((p) => {
      const range = `${bounds[p]}, ${bounds[p + 1]}`;
      return [
        "    straight_sums(rows, {layer}_trits, &shape, first, count,",
        `        ${range}, ${positions}, ${target(p)});`,
      ].join("\n");
    }),
  });
}

function shapeFields(geometry: Geometry): number[] {
  const { weights, layout } = geometry;
  const [width, tapWords] =
    geometry.kind === "twins" ? [geometry.kernelWidth, geometry.tapWords] : [1, 0];
  const { rows, words, groups, stride } = layout;
  return [rows, width, tapWords, words.length / width, weights.outputs, groups, stride];
}

/** A function that is assembly from its first instruction to its last. */
function blockFunction(index: number, block: Block, geometry: Geometry, isa: Isa): string {
  const { first, count } = block;
  const outputs = count === 1 ? `Output ${first}` : `Outputs ${first} to ${first + count - 1}`;
  const texts = isa.lines(block).map((line) => lineText(line, geometry));
  return [
    `/* ${outputs}. */`,
    `TRITC_STRAIGHT {layer}_block${index}(`,
    "    const uint32_t *const *rows TRITC_UNNAMED, uint32_t *sums TRITC_UNNAMED,",
    "    int32_t positions TRITC_UNNAMED)",
    "{",
    ...statements(texts, isa.directive).map((body) => `    __asm__ volatile(\n${body});`),
    "}",
    "",
  ].join("\n");
}

/** Instructions behind a comment that names their inputs. */
function lineText({ text, inputs }: Line, geometry: Geometry): string {
  const rows: string[] = [];
  let row = "";
  for (const instruction of text.split("; ")) {
    if (row !== "" && row.length + instruction.length > LINE) {
      rows.push(row);
      row = "";
    }
    row += row === "" ? instruction : `; ${instruction}`;
  }
  const code = [...rows, row].map((r) => `        "${r}; "`).join("\n");
  if (inputs === null) return code;
  const names = inputs.words.map((word) => inputName(inputs.row, word, geometry));
  return `        /* ${names.join(", ")} */\n${code}`;
}

/** As in C: of a vector its element, of a window its row, column and channel. */
function inputName(row: number, word: number, geometry: Geometry): string {
  if (geometry.kind === "single") return `x[${word}]`;
  const { tapWords, channels } = geometry;
  return `x[${row}][${Math.floor(word / tapWords)}][${word % channels}]`;
}

/** As many statements as the lines need. */
function statements(texts: readonly string[], directive: string | null): string[] {
  const head = directive === null ? [] : [`        "${directive}; "`];
  const chunks: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    if (length + text.length > STATEMENT) {
      chunks.push([...head]);
      length = 0;
    }
    chunks.at(-1)?.push(text);
    length += text.length;
  }
  return chunks.map((chunk) => chunk.join("\n"));
}
