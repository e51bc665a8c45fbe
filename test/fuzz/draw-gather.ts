import { elementCount, type GatherPart, type IntegerTensor } from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";
import type { Extent } from "./conform.js";

interface Box {
  readonly top: number;
  readonly left: number;
  readonly first: number;
  readonly extent: Extent;
}

/** A view cut into boxes, each filled from anywhere in one of the inputs, or left empty. */
export function drawGather(
  random: Random,
  inputs: readonly IntegerTensor[],
): { view: Extent; parts: GatherPart[] } {
  const [first] = inputs;
  const view =
    first !== undefined && chance(random, 0.4)
      ? { height: first.height, width: first.width, channels: first.channels * inputs.length }
      : {
          height: random.integer(1, 4),
          width: random.integer(1, 5),
          channels: random.integer(1, 9),
        };
  const whole: Box = { top: 0, left: 0, first: 0, extent: view };
  const boxes = cut(random, whole, random.integer(0, 2));
  const filled = boxes.length > 1 ? boxes.filter(() => chance(random, 0.8)) : boxes;
  return {
    view,
    parts: filled.map((box) => {
      const input = random.integer(0, inputs.length - 1);
      return { ...drawSource(random, inputs[input], box), input };
    }),
  };
}

/** Halves of the box, of halves, and so on. */
function cut(random: Random, box: Box, times: number): Box[] {
  if (times === 0) return [box];
  const { top, left, first, extent } = box;
  const axis = random.pick(["height", "width", "channels"] as const);
  if (extent[axis] < 2) return [box];
  const at = random.integer(1, extent[axis] - 1);
  const rest = {
    top: axis === "height" ? top + at : top,
    left: axis === "width" ? left + at : left,
    first: axis === "channels" ? first + at : first,
    extent: { ...extent, [axis]: extent[axis] - at },
  };
  return [
    ...cut(random, { ...box, extent: { ...extent, [axis]: at } }, times - 1),
    ...cut(random, rest, times - 1),
  ];
}

/** Places of rows, columns and channels whose sums all lie inside the input. */
function drawSource(
  random: Random,
  input: IntegerTensor | undefined,
  { top, left, first, extent }: Box,
): Omit<GatherPart, "input"> {
  const last = (input === undefined ? 1 : elementCount(input)) - 1;
  const run = chance(random, 0.5) && extent.channels - 1 <= last;
  const channels = Int32Array.from({ length: extent.channels }, (_, c) =>
    run ? c : random.integer(0, Math.floor(last / 3)),
  );
  const left0 = last - Math.max(...channels);
  const rows = Int32Array.from({ length: extent.height }, () =>
    random.integer(0, Math.floor(left0 / 2)),
  );
  const most = left0 - Math.max(...rows);
  const columns = Int32Array.from({ length: extent.width }, () => random.integer(0, most));
  return { top, left, first, rows, columns, channels };
}
