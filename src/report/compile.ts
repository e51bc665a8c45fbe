import type { Calibrated } from "../compile.js";
import { calibrationText } from "./calibration.js";
import type { Facts, LayerFacts } from "./facts.js";
import { bytes, integer, plural } from "./format.js";
import type { ModelSource } from "./inspect.js";
import { indent, left, right, table } from "./table.js";

/** What `compile --json` prints, besides the fields that all commands have. */
export interface CompileReport {
  readonly model: ModelSource;
  /** Prefix of the C symbols and of the files. */
  readonly name: string;
  /** As the user gave it. */
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  readonly facts: Facts;
  readonly calibration: Calibrated | null;
}

export interface WrittenFile {
  /** Inside the folder. */
  readonly path: string;
  readonly bytes: number;
}

/** What was written and what it takes; `verbose` adds the kernels that were not chosen, and why. */
export function compileText(report: CompileReport, verbose: boolean): string {
  const { model, name, folder, files, facts, calibration } = report;
  const { total } = facts;
  const written = files.map((file) => [file.path, bytes(file.bytes)]);
  return [
    `${model.file} for ${facts.target}, as ${name}: ${plural(facts.layers.length, "layer")}`,
    "",
    layersText(facts.layers, verbose),
    "",
    `flash  at most ${bytes(total.tableBytes)} of tables (weights and constants)${ownCode(total)}, and the code`,
    `time   about ${integer(total.cycles)} cycles for one inference (an estimate; \`tritc bench\` counts)`,
    `RAM    ${bytes(total.arenaBytes)} of arena${boundText(facts)}, input and output in it, and the stack`,
    "",
    ...(calibration === null ? [] : [calibrationText(calibration), ""]),
    `wrote ${folder}`,
    indent(table([left(""), right("")], written)),
  ].join("\n");
}

function ownCode({ codeBytes }: Facts["total"]): string {
  return codeBytes === 0 ? "" : `, ${bytes(codeBytes)} of weights as instructions`;
}

function boundText({ total: { arenaBytes, arenaLowerBound } }: Facts): string {
  return arenaBytes === arenaLowerBound
    ? " (no arrangement needs less)"
    : ` (no arrangement needs less than ${bytes(arenaLowerBound)})`;
}

const COLUMNS = [
  left("layer"),
  left("kernel"),
  right("weights"),
  right("bits each"),
  right("tables"),
  right("own code"),
  right("scratch"),
  right("cycles, est."),
];

function layersText(layers: readonly LayerFacts[], verbose: boolean): string {
  const [titles = "", ...lines] = table(COLUMNS, layers.map(layerCells)).split("\n");
  const described = lines.flatMap((line, i) => {
    const rejected = verbose ? (layers[i]?.rejected ?? []) : [];
    return [line, ...rejected.map(({ kernel, reason }) => indent(`not ${kernel}: ${reason}`))];
  });
  return [titles, ...described].join("\n");
}

function layerCells(layer: LayerFacts): string[] {
  const { name, kernel, weights, tableBytes, codeBytes, scratchBytes, cycles } = layer;
  return [
    name,
    kernel,
    weights === null ? "" : integer(weights.count),
    weights === null ? "" : String(Number(weights.bitsPerWeight.toFixed(2))),
    bytes(tableBytes),
    codeBytes === 0 ? "" : bytes(codeBytes),
    bytes(scratchBytes),
    integer(cycles),
  ];
}
