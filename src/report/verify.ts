import type { Calibrated } from "../compile.js";
import type { Diagnostic } from "../diagnostics.js";
import type { FrameFormat } from "../frame/formats.js";
import type { Exactness } from "../network/types.js";
import type { DeviceReport, Ticks } from "../serial/device.js";
import type { LayerCoverage } from "../verify/coverage.js";
import type { Count, TargetReport } from "../verify/types.js";
import { calibrationText } from "./calibration.js";
import type { NetworkFacts } from "./facts.js";
import { type FloatReport, floatText } from "./float.js";
import { bytes, exactness, integer, interval, plural } from "./format.js";
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
    /** Where camera frames were compared, from which the inputs are made: their format. */
    readonly frames: FrameFormat | null;
  };
  /** Everything that was named ran and gave the simulator's outputs. */
  readonly equal: boolean;
  /** What the network is, requantisation by requantisation: how exact each is, and on what range. */
  readonly network: NetworkFacts;
  /** How the scales of float activations were chosen; null where nothing was calibrated. */
  readonly calibration: Calibrated | null;
  /** Of each layer with weights, in order: the faults of a weight that these inputs show. */
  readonly coverage: readonly LayerCoverage[];
  readonly targets: readonly TargetResult[];
  readonly devices: readonly DeviceResult[];
  /** The simulator against the float model, where that was asked for. */
  readonly float: FloatReport | null;
}

/** `ran` false: there is nothing to compare, and the diagnostics say why. */
export type TargetResult =
  | ({ readonly ran: true; readonly layers: readonly string[] } & Omit<TargetReport, "outputs">)
  | { readonly ran: false; readonly target: string; readonly diagnostics: readonly Diagnostic[] };

export type DeviceResult =
  | ({ readonly ran: true } & DeviceReport)
  | { readonly ran: false; readonly port: string; readonly diagnostics: readonly Diagnostic[] };

/** One line a target and device; `verbose` adds what is known of each layer. */
export function verifyText(report: VerifyReport, verbose: boolean): string {
  const { model, name, vectors, targets, devices, calibration } = report;
  return [
    `${name} (${model.file}) against the simulator, ${vectorsText(vectors)}`,
    "",
    ...(targets.length === 0 ? [] : [table(COLUMNS, targets.map(targetCells))]),
    ...devices.map(deviceText),
    ...notes(targets),
    "",
    ...evidenceText(report),
    ...(report.float === null ? [] : floatText(report.float)),
    ...(verbose && calibration !== null ? ["", calibrationText(calibration)] : []),
    ...(verbose ? ["", layersEvidence(report), ...targets.flatMap(layersText)] : []),
  ].join("\n");
}

function vectorsText({ count, file, seed, frames }: VerifyReport["vectors"]): string {
  const source = file === null ? `from seed ${seed}` : `of ${file}`;
  if (frames === null) return `${plural(count, "input")} ${source}`;
  const { pixels, width, height } = frames;
  return `${plural(count, "frame")} ${source}, ${pixels} of ${width} x ${height} pixels`;
}

function deviceText(result: DeviceResult): string {
  if (!result.ran) return `${result.port}  NOT COMPARED`;
  const { port, equal, ticks, stack, repeats } = result;
  const measured = [
    ...(ticks === null ? [] : [ticksText(ticks)]),
    ...(stack === null ? [] : [`${bytes(stack)} of stack`]),
    ...(repeats === 0 ? [] : [`${plural(repeats, "request")} repeated on a bad line`]),
  ];
  return [`${port}  ${equal ? "equal" : "DIFFERENT"}`, ...measured].join(", ");
}

function ticksText({ name, perSecond, min, max }: Ticks): string {
  const milliseconds = perSecond === null ? "" : ` (${((1000 * max) / perSecond).toFixed(3)} ms)`;
  return `${countText({ min, max })} ticks of ${name}${milliseconds}`;
}

/** What the comparison proves, in two sentences. */
function evidenceText({ network, coverage, targets, devices }: VerifyReport): string[] {
  const ran = [...targets, ...devices].filter((result) => result.ran);
  const layered = ran.length > 0 && ran.every((result) => result.layersCompared > 0);
  const faults = total(coverage, "faults");
  const hidden = faults - total(coverage, "noticed");
  const compared = layered ? "Every layer was compared, too" : "Only outputs were compared";
  const shown =
    hidden === 0
      ? "a wrong weight would change a layer's output for some input, whichever it is"
      : `of ${plural(faults, "wrong weight")} that one could plant, ${integer(hidden)} would not ` +
        "change their layer's output for any of these inputs";
  return [
    `${compared}; ${shown}.`,
    network.total.exact
      ? "Every requantisation equals exact arithmetic on its whole reachable range."
      : "Not every requantisation equals exact arithmetic: -v says which.",
  ];
}

function total(coverage: readonly LayerCoverage[], field: "faults" | "noticed"): number {
  return coverage.reduce((sum, layer) => sum + layer[field], 0);
}

const EVIDENCE = [
  left("layer"),
  right("accumulator"),
  left("requantisation"),
  left("against exact arithmetic"),
  right("faults shown"),
];

function layersEvidence({ network, coverage }: VerifyReport): string {
  const rows = network.layers.map((layer, index) => {
    const { name, accumulator, requantization, exactness: exact } = layer;
    const covered = coverage.find((entry) => entry.layer === index);
    return [
      name,
      accumulator === null ? "" : interval({ low: accumulator[0], high: accumulator[1] }),
      requantization ?? "",
      exact === null ? "" : exactOn(exact, accumulator),
      covered === undefined ? "" : `${integer(covered.noticed)} of ${integer(covered.faults)}`,
    ];
  });
  return table(EVIDENCE, rows);
}

function exactOn(exact: Exactness, accumulator: readonly [number, number] | null): string {
  if (exact.kind !== "exact" || accumulator === null) return exactness(exact);
  return `equal for all ${integer(accumulator[1] - accumulator[0] + 1)} values`;
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
  const tools = new Map<string, string[]>();
  for (const { target, toolchain } of ran) {
    const { compiler, emulator } = toolchain;
    const name = emulator === null ? compiler : `${compiler}; ${emulator}`;
    tools.set(name, [...(tools.get(name) ?? []), target]);
  }
  const counted = ran.flatMap(({ instructions }) => (instructions === null ? [] : [instructions]));
  const inputs = counted[0]?.vectors;
  return [
    ...(tools.size === 0 ? [] : [""]),
    ...[...tools].map(([tool, users]) => `${users.join(", ")}: ${tool}`),
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
