import type { Benchmark, LayerWork, Span } from "../bench/measure.js";
import type { Facts, LayerFacts } from "./facts.js";
import { bytes, integer, interval, plural } from "./format.js";
import type { ModelSource } from "./inspect.js";
import { left, right, table } from "./table.js";

/** What `bench --json` prints, besides the fields that all commands have. */
export interface BenchReport {
  readonly model: ModelSource;
  readonly inputs: { readonly file: string | null; readonly count: number };
  readonly targets: readonly BenchTarget[];
}

/** What compiled C takes on one target. Cycles are estimates at zero wait states, null without a model. */
export interface BenchTarget {
  /** Id of the configuration. */
  readonly target: string;
  readonly compiler: string;
  readonly emulator: string;
  readonly layers: readonly BenchLayer[];
  readonly macs: number;
  readonly weights: number;
  readonly instructions: Span;
  readonly cycles: Span | null;
  readonly flash: { readonly tables: number; readonly code: number };
  readonly ram: {
    readonly arena: number;
    readonly arenaLowerBound: number;
    readonly stack: number;
  };
}

export interface BenchLayer {
  readonly name: string;
  readonly kernel: string;
  readonly macs: number;
  /** Null where it is done together with the next layer that has any. */
  readonly work: LayerWork | null;
  /** Cycles that the planner thought it would take. */
  readonly plannedCycles: number;
  /** Of its weights as they are packed; null without weights. */
  readonly bitsPerWeight: number | null;
  readonly tableBytes: number;
  readonly scratchBytes: number;
}

export function benchTarget(target: string, facts: Facts, benchmark: Benchmark): BenchTarget {
  const { compiler, emulator, layers, instructions, cycles, code, tables, stack } = benchmark;
  const { macs, weights, arenaBytes, arenaLowerBound } = facts.total;
  return {
    ...{ target, compiler, emulator, macs, weights, instructions, cycles },
    layers: facts.layers.map((layer, i) => benchLayer(layer, layers[i] ?? null)),
    flash: { tables, code },
    ram: { arena: arenaBytes, arenaLowerBound, stack },
  };
}

function benchLayer(facts: LayerFacts, work: LayerWork | null): BenchLayer {
  const { name, kernel, macs, cycles: plannedCycles, tableBytes, scratchBytes } = facts;
  const bitsPerWeight = facts.weights?.bitsPerWeight ?? null;
  return { name, kernel, macs, work, plannedCycles, bitsPerWeight, tableBytes, scratchBytes };
}

export function benchText({ model, inputs, targets }: BenchReport): string {
  const { file, count } = inputs;
  return [
    ...targets.flatMap((target) => [targetText(model.file, target), ""]),
    `Instructions are exact, of one inference, counted on ${plural(count, file === null ? "drawn input" : "input")}; cycles are`,
    "estimated without wait states (docs/bench.md). Code is what the layer executed, of whatever function.",
  ].join("\n");
}

const COLUMNS = [
  left("layer"),
  left("kernel"),
  right("MACs"),
  right("instructions"),
  right("cycles"),
  right("cycles/MAC"),
  right("tables"),
  right("code"),
  right("scratch"),
];

/** One target's table, and what does not belong to single layers. */
export function targetText(file: string, target: BenchTarget): string {
  const { layers, macs, instructions, cycles, flash, ram } = target;
  const rows = layers.map((layer) => [
    ...[layer.name, layer.kernel, layer.macs === 0 ? "" : integer(layer.macs)],
    ...(layer.work === null
      ? ["with next", "", ""]
      : workCells(layer.work.instructions, layer.work.cycles, layer.macs)),
    bytes(layer.tableBytes),
    layer.work === null ? "" : bytes(layer.work.codeBytes),
    bytes(layer.scratchBytes),
  ]);
  const total = [
    ...["total", "", integer(macs)],
    ...workCells(instructions.max, cycles?.max ?? null, macs),
    ...[flash.tables, flash.code, ram.arena].map(bytes),
  ];
  const varies =
    instructions.min === instructions.max
      ? []
      : [`        ${interval({ low: instructions.min, high: instructions.max })} instructions`];
  return [
    `${file} on ${target.target}, ${target.compiler}`,
    "",
    table(COLUMNS, [...rows, total]),
    "",
    `flash  ${bytes(flash.tables)} of tables and ${bytes(flash.code)} of code, as linked`,
    `RAM    ${bytes(ram.arena)} of arena, input and output in it (bound ${bytes(ram.arenaLowerBound)}), ${bytes(ram.stack)} of stack`,
    ...varies,
  ].join("\n");
}

/** Instructions, cycles, cycles for each multiply-accumulate. */
function workCells(instructions: number, cycles: number | null, macs: number): string[] {
  return [
    integer(instructions),
    cycles === null ? "" : integer(cycles),
    cycles === null || macs === 0 ? "" : (cycles / macs).toFixed(3),
  ];
}
