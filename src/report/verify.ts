import type { Diagnostic } from "../diagnostics.js";
import type { Count, TargetReport } from "../verify/types.js";
import { bytes, integer, interval, plural } from "./format.js";
import type { ModelSource } from "./inspect.js";
import { left, right, table } from "./table.js";

/** What `verify --json` prints, besides the fields that all commands have. */
export interface VerifyReport {
  readonly model: ModelSource;
  readonly name: string;
  readonly vectors: {
    readonly count: number;
    /** The file of inputs, or null for inputs from a seed. */
    readonly file: string | null;
    readonly seed: number | null;
  };
  /** Every named target ran and gave the simulator's outputs. */
  readonly equal: boolean;
  readonly targets: readonly TargetResult[];
}

/** `ran` false: there is nothing to compare, and the diagnostics say why. */
export type TargetResult =
  | ({ readonly ran: true; readonly layers: readonly string[] } & Omit<TargetReport, "outputs">)
  | { readonly ran: false; readonly target: string; readonly diagnostics: readonly Diagnostic[] };

/** One line a target; `verbose` adds instructions layer by layer. */
export function verifyText(report: VerifyReport, verbose: boolean): string {
  const { model, name, vectors, targets } = report;
  const source = vectors.file === null ? `from seed ${vectors.seed}` : `of ${vectors.file}`;
  return [
    `${name} (${model.file}) against the simulator, ${plural(vectors.count, "input")} ${source}`,
    "",
    table(COLUMNS, targets.map(targetCells)),
    ...notes(targets),
    ...(verbose ? targets.flatMap(layersText) : []),
  ].join("\n");
}

const COLUMNS = [
  left("target"),
  left("result"),
  right("instructions"),
  right("flash: tables"),
  right("code"),
  right("RAM: arena"),
  right("stack"),
];

const UNKNOWN = "-";

function targetCells(result: TargetResult): string[] {
  if (!result.ran) return [result.target, "NOT COMPARED"];
  const { target, equal, instructions, flash, ram } = result;
  return [
    target,
    equal ? "equal" : "DIFFERENT",
    instructions === null ? UNKNOWN : countText(instructions.total),
    flash === null ? UNKNOWN : bytes(flash.weights),
    flash === null ? UNKNOWN : bytes(flash.code),
    ram === null ? UNKNOWN : bytes(ram.data),
    ram === null ? UNKNOWN : bytes(ram.stack),
  ];
}

function countText({ min, max }: Count): string {
  return interval({ low: min, high: max });
}

/** What the numbers were measured with, and on how many inputs. */
function notes(targets: readonly TargetResult[]): string[] {
  const ran = targets.filter((result) => result.ran);
  const tools = ran.map(({ target, toolchain: { compiler, emulator } }) => [
    target,
    emulator === null ? compiler : `${compiler}; ${emulator}`,
  ]);
  const counted = ran.flatMap(({ instructions }) => (instructions === null ? [] : [instructions]));
  const inputs = counted[0]?.vectors;
  return [
    ...(tools.length === 0 ? [] : ["", table([left(""), left("")], tools)]),
    ...(inputs === undefined
      ? []
      : ["", `Instructions are exact, for one inference, counted on ${plural(inputs, "input")}.`]),
  ];
}

function layersText(result: TargetResult): string[] {
  if (!result.ran || result.instructions === null) return [];
  const counts = result.instructions.layers;
  const all = counts.reduce((sum, count) => sum + count.max, 0);
  const rows = result.layers.map((layer, i) => {
    const count = counts[i] ?? { min: 0, max: 0 };
    const share = all === 0 ? 0 : (100 * count.max) / all;
    return [layer, countText(count), `${integer(share)} %`];
  });
  const columns = [left(result.target), right("instructions"), right("share")];
  return ["", table(columns, rows)];
}
