import type { Executed } from "../../src/bench/counter.js";
import { integer, percent } from "../../src/report/format.js";
import { type Column, left, right, table } from "../../src/report/table.js";
import { CONSTANTS_FLOOR } from "./floors.js";
import { bestSilicon, peerLayers } from "./peers.js";
import type { NetworkResult, Result } from "./run.js";

const SHAPE_COLUMNS: readonly Column[] = [
  left("shape"),
  left("optimize"),
  right("zeros"),
  left("input"),
  left("kernel"),
  right("instructions"),
  right("cycles"),
  right("planned"),
  right("/MAC"),
  right("peer/MAC"),
  right("faster"),
  right("floor"),
  left(""),
  right("packed"),
  right("all bits/w"),
  right("tables"),
  right("code"),
  right("arena"),
];

/** Layer shapes beside the peer's, which are work for each multiply-accumulate. */
export function shapesText(results: readonly Result[]): string {
  return table(
    SHAPE_COLUMNS,
    results.map((each) => {
      const { macs, weights, instructions, cycles, flash, ram, layers } = each.found;
      const peer = each.faster === null ? null : (each.faster * each.work) / macs;
      return [
        ...drawCells(each),
        layers.map(({ kernel }) => kernel).join(", "),
        ...[integer(instructions.max), cycles === null ? "" : integer(cycles.max)],
        integer(layers.reduce((sum, { plannedCycles }) => sum + plannedCycles, 0)),
        ...[(each.work / macs).toFixed(3), peer === null ? "" : peer.toFixed(3)],
        ...verdictCells(each),
        layers.map(({ bitsPerWeight }) => bitsPerWeight?.toFixed(2) ?? "").join(", "),
        ((8 * flash.tables) / weights).toFixed(2),
        ...[integer(flash.tables), integer(flash.code), integer(ram.arena)],
      ];
    }),
  );
}

const NETWORK_COLUMNS: readonly Column[] = [
  left("network"),
  left("optimize"),
  right("zeros"),
  left("input"),
  right("instructions"),
  right("cycles"),
  right("peer"),
  right("silicon"),
  right("faster"),
  right("floor"),
  left(""),
  right("tables"),
  right("of int8"),
  right("code"),
  right("arena"),
  right("bound"),
  right("peer RAM"),
];

/** Whole networks: cycles, tables as a share of the int8 constants, RAM. */
export function networksText(results: readonly NetworkResult[]): string {
  return table(
    NETWORK_COLUMNS,
    results.map((each) => {
      const { found, bytes, peer } = each;
      const { instructions, cycles, flash, ram } = found;
      const silicon = bestSilicon(each.id, each.target);
      return [
        ...drawCells(each),
        ...[integer(instructions.max), cycles === null ? "" : integer(cycles.max)],
        peer === null ? "" : integer(peer.cycles ?? peer.instructions),
        silicon === null ? "" : integer(silicon),
        ...verdictCells(each),
        ...[integer(flash.tables), percent(flash.tables / bytes.peerConstants)],
        ...[integer(flash.code), integer(ram.arena), integer(ram.arenaLowerBound)],
        integer(bytes.peerActivations),
      ];
    }),
  );
}

function drawCells({ id, effort, draw }: Result): string[] {
  return [id, effort, percent(draw.zeros, 0), draw.relu ? "0 .. 127" : "int8"];
}

function verdictCells({ faster, floor }: Result): string[] {
  return [
    faster === null ? "" : `${faster.toFixed(2)}x`,
    floor === null ? "" : `${floor.toFixed(2)}x`,
    faster === null || floor === null ? "" : faster >= floor ? "met" : "MISSED",
  ];
}

const LAYER_COLUMNS: readonly Column[] = [
  left("layer"),
  left("kernel"),
  right("MACs"),
  right("instructions"),
  right("cycles"),
  right("planned"),
  right("/MAC"),
  right("peer"),
  right("faster"),
  right("tables"),
  right("code"),
  right("scratch"),
];

/** A network layer by layer, beside the peer's layers of the same names. */
export function layersText({ id, target, found }: Result): string {
  const peers = peerLayers(id, target);
  return table(
    LAYER_COLUMNS,
    found.layers.map((layer) => {
      const { name, kernel, macs, work, plannedCycles, tableBytes, scratchBytes } = layer;
      const own = work === null ? null : (work.cycles ?? work.instructions);
      const peer = peers.get(name)?.cycles ?? 0;
      return [
        ...[name, kernel, macs === 0 ? "" : integer(macs)],
        work === null ? "with next" : integer(work.instructions),
        work?.cycles == null ? "" : integer(work.cycles),
        integer(plannedCycles),
        macs === 0 || own === null ? "" : (own / macs).toFixed(3),
        peer === 0 ? "" : integer(peer),
        peer === 0 || own === null ? "" : `${(peer / own).toFixed(2)}x`,
        integer(tableBytes),
        work === null ? "" : integer(work.codeBytes),
        integer(scratchBytes),
      ];
    }),
  );
}

/** Instructions that take less of the whole than this are left out of a profile. */
const LEAST_SHARE = 0.002;

/** Where the time goes: the instructions that matter, with a line for each gap between them. */
export function profileText({ profile, found }: Result): string {
  const timed = found.cycles !== null;
  const own = ({ times, cycles }: Executed): number => (timed ? cycles : times);
  const whole = profile.reduce((sum, each) => sum + own(each), 0);
  let symbol = "";
  let end = -1;
  const rows = profile.flatMap((each) => {
    const { address, bytes, mnemonic, operands, symbol: here } = each.instruction;
    if (own(each) < LEAST_SHARE * whole) return [];
    const head = here !== symbol ? [[`${here}:`]] : address !== end ? [["..."]] : [];
    symbol = here;
    end = address + bytes;
    return [
      ...head,
      [
        ...[
          address.toString(16),
          integer(each.times),
          timed ? (each.cycles / each.times).toFixed(2) : "",
        ],
        ...[percent(own(each) / whole), `${mnemonic} ${operands}`],
      ],
    ];
  });
  const columns = [left("address"), right("times"), right("cycles each"), right("share"), left("")];
  return table(columns, rows);
}

/** How many floors were met. */
export function summaryText(shapes: readonly Result[], networks: readonly NetworkResult[]): string {
  const judged = [...shapes, ...networks].flatMap(({ faster, floor }) =>
    faster === null || floor === null ? [] : [faster >= floor],
  );
  const small = networks
    .filter(({ effort }) => effort === "size")
    .map(({ found, bytes }) => found.flash.tables <= CONSTANTS_FLOOR * bytes.peerConstants);
  const count = (met: readonly boolean[]): string =>
    `${met.filter((m) => m).length} of ${met.length}`;
  return [
    `${count(judged)} floors of speed met`,
    ...(small.length === 0
      ? []
      : [`${count(small)} networks within ${percent(CONSTANTS_FLOOR, 0)} of the int8 constants`]),
  ].join("; ");
}
