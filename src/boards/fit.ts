import { fail } from "../diagnostics.js";
import { BYTES } from "../kernels/index.js";
import { elementCount, type Network, type TensorId, tensorAt } from "../network/types.js";
import type { Goal, Plan } from "../plan/index.js";
import type { Facts } from "../report/facts.js";
import { type Excess, tooBig } from "./diagnostics.js";
import { BOARDS } from "./table.js";
import type { Board, Memory } from "./types.js";

/** What a network takes of a board's memories, in bytes. */
export interface Needs {
  readonly flash: number;
  readonly ram: number;
}

/** Code of a layer's own function and of the call, and of each kernel; measured on Cortex-M at -O2. */
const CODE_OF_LAYER = 150;
const CODE_OF_KERNEL = 400;

/** Tables and arena are exact; the code is an estimate, and the linker has the last word. */
export function needsOf({ layers }: Plan, { total }: Facts): Needs {
  const kernels = new Set(layers.map(({ kernel }) => kernel.name)).size;
  return {
    flash: total.tableBytes + total.codeBytes + sharedCode(layers.length, kernels),
    ram: total.arenaBytes,
  };
}

function sharedCode(layers: number, kernels: number): number {
  return CODE_OF_LAYER * layers + CODE_OF_KERNEL * kernels;
}

export function bytesOf(network: Network, id: TensorId): number {
  const tensor = tensorAt(network, id);
  return elementCount(tensor) * BYTES[tensor.type];
}

/** What framework and application leave of a memory. */
export function roomIn({ limit, framework }: Memory): number {
  return limit - framework;
}

/** Kinds of kernels that a network can be expected to have. */
const USUAL_KERNELS = 6;

/**
 * The goal, limited to the room on the board where it says nothing itself; `appRam` are bytes that the
 * application takes besides.
 */
export function goalOn({ flash, ram }: Board, network: Network, appRam: number, goal: Goal): Goal {
  const layers = network.layers.length;
  const code = sharedCode(layers, Math.min(layers, USUAL_KERNELS));
  return {
    ...goal,
    maxFlash: goal.maxFlash ?? Math.max(0, roomIn(flash) - code),
    maxRam: goal.maxRam ?? Math.max(0, roomIn(ram) - appRam),
  };
}

/** Throws `plan/too-big-for-board` where a network of those needs has no room. */
export function checkFit(board: Board, plan: Plan, needs: Needs): void {
  const excess = excessOf(board, needs, plan);
  if (excess === null) return;
  const fitting = BOARDS.filter(({ platform }) => platform.kind !== "emulated")
    .filter((other) => fits(other, needs))
    .sort((a, b) => roomIn(a.ram) - roomIn(b.ram));
  fail(
    tooBig(
      board.id,
      excess,
      fitting.map(({ id }) => id),
    ),
  );
}

function fits({ flash, ram }: Board, needs: Needs): boolean {
  return needs.flash <= roomIn(flash) && needs.ram <= roomIn(ram);
}

function excessOf(board: Board, needs: Needs, plan: Plan): Excess | null {
  if (needs.flash > roomIn(board.flash)) {
    const tables = plan.layers.map(({ shape: { layer }, cost }) => ({
      layer: layer.name,
      bytes: cost.tableBytes + cost.codeBytes,
    }));
    const available = roomIn(board.flash);
    return { memory: "flash", needed: needs.flash, available, largest: largestOf(tables) };
  }
  if (needs.ram > roomIn(board.ram)) {
    const available = roomIn(board.ram);
    return { memory: "RAM", needed: needs.ram, available, largest: largestOf(buffersOf(plan)) };
  }
  return null;
}

/** What each layer needs at the same time: scratch, inputs and output. */
function buffersOf({ network, layers }: Plan): { layer: string; bytes: number }[] {
  return layers.map(({ shape: { layer }, cost }) => ({
    layer: layer.name,
    bytes: cost.scratchBytes + bytesOf(network, layer.output),
  }));
}

function largestOf(parts: readonly { layer: string; bytes: number }[]): Excess["largest"] {
  return parts.reduce((most, part) => (part.bytes > most.bytes ? part : most), {
    layer: "",
    bytes: -1,
  });
}
