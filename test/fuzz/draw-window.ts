import type { Window } from "../../src/graph/types.js";
import type { Tensor } from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";
import { conform } from "./conform.js";
import { STORAGE, windowCounts } from "./prove.js";

/**
 * A window over a tensor: odd and even, as large as the tensor and larger, dilated, with padding of
 * its own on each side; with `wholePads` it may stand outside the tensor altogether.
 */
export function drawWindow(random: Random, tensor: Tensor, wholePads: boolean): Window {
  if (tensor.height > 1 && tensor.width > 1 && chance(random, 0.3)) return drawUsual(random);
  const axis = (extent: number) => {
    const kernel = Math.min(random.pick([1, 1, 2, 3, 3, 5, extent]), extent + 2);
    const dilation = chance(random, 0.2) ? random.integer(1, 3) : 1;
    const span = (kernel - 1) * dilation + 1;
    const most = wholePads ? span : span - 1;
    const least = Math.max(0, span - extent);
    const pad = () => (chance(random, 0.5) || least > 0 ? random.integer(0, most) : 0);
    return { kernel, dilation, stride: random.pick([1, 1, 1, 2, 3, 7]), pads: [pad(), pad()] };
  };
  const [rows, columns] = [axis(tensor.height), axis(tensor.width)];
  const [top = 0, bottom = 0] = rows.pads;
  const [left = 0, right = 0] = columns.pads;
  return {
    kernel: [rows.kernel, columns.kernel],
    strides: [rows.stride, columns.stride],
    dilations: [rows.dilation, columns.dilation],
    pads: { top, left, bottom, right },
  };
}

/** What most convolutions of images have, and most kernels are made for. */
function drawUsual(random: Random): Window {
  const stride = random.pick([1, 1, 2]);
  const [top, left] = [random.integer(0, 1), random.integer(0, 1)];
  return {
    kernel: [3, 3],
    strides: [stride, stride],
    dilations: [1, 1],
    pads: { top, left, bottom: 1, right: 1 },
  };
}

/** Some of a window's padding, or none of it, or more: what a mean counts as zeros. */
export function drawMargins(random: Random, { pads }: Window): Window["pads"] {
  const kind = random.pick(["none", "none", "all", "some"] as const);
  const margin = (pad: number): number =>
    kind === "none" ? 0 : kind === "all" ? pad : random.integer(0, pad + 1);
  const { top, left, bottom, right } = pads;
  return { top: margin(top), left: margin(left), bottom: margin(bottom), right: margin(right) };
}

/** A number that all counts of the pool's windows divide; 0 where it does not fit. */
export function commonMultiple(window: Window, margins: Window["pads"], tensor: Tensor): number {
  const pool = conform(
    {
      ...{ kind: "sum-pool", name: "", origins: [], input: 0, output: 0, zero: 0, multiple: 0 },
      ...{ window, margins, accumulators: [STORAGE.int32], requantization: { kind: "none" } },
    },
    [tensor],
    null,
  );
  if (pool === null) return 0;
  return windowCounts(window, margins, tensor, pool.output).reduce(
    (multiple, count) => (multiple * count) / greatestDivisor(multiple, count),
    1,
  );
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
