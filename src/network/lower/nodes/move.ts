import { fail } from "../../../diagnostics.js";
import type { ConcatNode, GatherNode, Origin } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import {
  compare,
  divide,
  floor,
  fromNumber,
  type Rational,
  sign,
  subtract,
} from "../../rational.js";
import type { TensorId } from "../../types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { fillOffGrid, floatActivation, inputNotQuantised, scalesDiffer } from "../diagnostics.js";
import type { DraftTensor } from "../draft.js";
import { notInFloat } from "../float/diagnostics.js";
import { boxesOf, takenBy } from "../gather.js";
import { inverse, type Placed, placeLike, sizeOf } from "../layout.js";
import { hull } from "../ranges.js";
import { summed } from "../summed.js";
import { tabulated } from "../tabulate.js";
import { type RealValue, realOf, type Value } from "../value.js";
import { withoutPool } from "./pool.js";
import { storageFor } from "./quantize.js";

/** Elements taken from one tensor: slices, repetitions, padding. */
export function lowerGather(context: LoweringContext, node: GatherNode): void {
  const value = movable(context, node.input, node.origin);
  const shape = context.shapeOf(node.output);
  const element = takenBy(node.indices, value.shape, shape);
  const input = element.map((from) => (from < 0 ? -1 : 0));
  const moved = joined(context, [value], { shape, input, element, fill: node.fill }, node.origin);
  context.setValue(node.output, moved);
}

/** Tensors one after another along an axis. */
export function lowerConcat(context: LoweringContext, node: ConcatNode): void {
  const values = node.inputs.map((name) => movable(context, name, node.origin));
  const shape = context.shapeOf(node.output);
  const inner = sizeOf(shape.slice(node.axis + 1));
  const outer = sizeOf(shape.slice(0, node.axis));
  const input = new Int32Array(sizeOf(shape));
  const element = new Int32Array(input.length);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const [i, value] of values.entries()) {
      const run = (value.shape[node.axis] ?? 1) * inner;
      for (let k = 0; k < run; k++) {
        input[at] = i;
        element[at++] = o * run + k;
      }
    }
  }
  context.setValue(
    node.output,
    joined(context, values, { shape, input, element, fill: 0 }, node.origin),
  );
}

/** A run-time tensor repeated along axes of size 1, to meet a larger one that stands like `like`. */
export function broadcasted(
  context: LoweringContext,
  value: RealValue,
  shape: readonly number[],
  like: Placed,
  origin: Origin,
): RealValue {
  const lead = shape.length - value.shape.length;
  const from = [...shape.slice(0, lead).map(() => 1), ...value.shape];
  const indices = shape.map((extent, axis) =>
    from[axis] === extent ? null : new Int32Array(extent),
  );
  const element = takenBy(indices, from, shape);
  const input = new Int32Array(element.length);
  const wide = { ...single(context, value, origin), shape: from };
  const moved = joined(context, [wide], { shape, input, element, fill: 0 }, origin, like);
  if (moved.kind !== "real") throw new Error("a real value stays real");
  return moved;
}

type Movable = Exclude<Value, { kind: "curve" | "float" }>;

/** A value of one tensor, whose elements can be copied. */
function movable(context: LoweringContext, name: string, origin: Origin): Movable {
  const value = context.value(name);
  if (value === undefined) throw new Error(`tensor ${name} has no value`);
  switch (value.kind) {
    case "integer":
      return value;
    case "curve":
      return tabulated(context, value, origin);
    case "real":
      return single(context, value, origin);
    case "float":
      return fail(notInFloat(origin));
    default:
      return value satisfies never;
  }
}

function single(context: LoweringContext, value: RealValue, origin: Origin): RealValue {
  return summed(context, withoutPool(context, value, origin), origin);
}

/** What a new tensor takes from others, in the model's order of its elements. */
interface Taking {
  readonly shape: readonly number[];
  /** Index of the operand, -1 for `fill`. */
  readonly input: Int32Array;
  /** The operand's element, in the model's order. */
  readonly element: Int32Array;
  readonly fill: number;
}

function joined(
  context: LoweringContext,
  values: readonly Movable[],
  taking: Taking,
  origin: Origin,
  like: Placed = pick(values, 0),
): Movable {
  const place = placeLike(like, taking.shape);
  const model = inverse(place.order);
  const input = new Int32Array(taking.input.length);
  const element = new Int32Array(taking.input.length);
  for (let memory = 0; memory < input.length; memory++) {
    const at = model === null ? memory : (model[memory] ?? 0);
    const source = taking.input[at] ?? -1;
    input[memory] = source;
    if (source < 0) continue;
    const { order } = pick(values, source);
    const from = taking.element[at] ?? 0;
    element[memory] = order === null ? from : (order[from] ?? 0);
  }
  const tensors = values.map((value) => tensorOf(value, origin));
  const lists = listsOf(values, { input, element }, place.extent.channels, origin);
  const fill = taking.input.includes(-1) ? fillOf(taking.fill, lists, origin) : 0;
  const output = context.addTensor({
    ...place.extent,
    declared: declaredFor(
      tensors.map((id) => context.tensor(id)),
      fill,
    ),
  });
  context.layers.push({
    kind: "gather",
    inputs: tensors,
    ...boxesOf({ input, element }, place.extent),
    fill,
    output,
    origins: mergeOrigins(
      values.flatMap((v) => v.pending),
      [origin],
    ),
  });
  const base = { ...place, shape: taking.shape, pending: [] };
  if (lists === null) return { ...base, kind: "integer", tensor: output };
  const { scales, bias, low, high, period } = lists;
  return { ...realOf(base, [{ tensor: output, scales }], bias), low, high, period };
}

function tensorOf(value: Movable, origin: Origin): TensorId {
  if (value.kind === "integer") return value.tensor;
  const tensor = value.terms[0]?.tensor ?? "float";
  return tensor === "float" ? fail(inputNotQuantised(origin)) : tensor;
}

/** The values of all of them and of the fill; unknown if one's are. */
function declaredFor(tensors: readonly DraftTensor[], fill: number): DraftTensor["declared"] {
  const ranges = tensors.map(({ declared }) => declared?.range);
  const known = ranges.filter((range) => range !== undefined);
  if (known.length < ranges.length) return null;
  const range = hull([...known, ...(fill === 0 ? [] : [{ low: fill, high: fill }])]);
  return { range, type: storageFor(range) };
}

type Lists = Pick<RealValue, "bias" | "low" | "high" | "period"> & {
  readonly scales: readonly Rational[];
};

/**
 * Scales and bounds of the channels of what was joined; null for integers. Where elements of one
 * channel come from channels with different ones, each element has its own.
 */
function listsOf(
  values: readonly Movable[],
  { input, element }: Pick<Taking, "input" | "element">,
  channels: number,
  origin: Origin,
): Lists | null {
  const real = values.filter((value) => value.kind === "real");
  if (real.length === 0) return null;
  if (real.length < values.length)
    return fail(floatActivation(origin, "it joins integers and reals"));
  const keys = Int32Array.from(input, (source, i) => {
    const value = source < 0 ? undefined : real[source];
    return value === undefined ? -1 : (element[i] ?? 0) % value.period;
  });
  const period =
    [1, channels, input.length].find((n) => agree(real, input, keys, n)) ?? input.length;
  const first = Array.from({ length: period }, (_, c) => {
    for (let i = c; i < input.length; i += period) if ((input[i] ?? -1) >= 0) return i;
    return -1;
  });
  const at = <T>(list: (value: RealValue) => readonly T[]): T[] =>
    first.map((i) => {
      const value = pick(real, Math.max(0, input[Math.max(0, i)] ?? 0));
      return pick(list(value), Math.max(0, keys[Math.max(0, i)] ?? 0));
    });
  return {
    scales: at((v) => v.terms[0]?.scales ?? fail(scalesDiffer(origin))),
    bias: at((v) => v.bias),
    low: at((v) => v.low),
    high: at((v) => v.high),
    period: period === 1 ? channels : period,
  };
}

/** Whether elements `period` apart always have the same scale, offset and bounds. */
function agree(
  real: readonly RealValue[],
  input: Int32Array,
  keys: Int32Array,
  period: number,
): boolean {
  const names = new Map<string, string>();
  const nameOf = (i: number): string => {
    const key = `${input[i]}/${keys[i]}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const value = pick(real, input[i] ?? 0);
    const c = keys[i] ?? 0;
    const parts = [value.terms[0]?.scales ?? [], value.bias, value.low, value.high];
    const name = parts.map((list) => show(list.length === 0 ? null : pick(list, c))).join(" ");
    names.set(key, name);
    return name;
  };
  const seen: (string | undefined)[] = new Array(period).fill(undefined);
  for (let i = 0; i < input.length; i++) {
    if ((input[i] ?? -1) < 0) continue;
    const name = nameOf(i);
    const known = seen[i % period];
    if (known === undefined) seen[i % period] = name;
    else if (known !== name) return false;
  }
  return true;
}

/** One text for equal numbers. */
function show(value: Rational | null): string {
  if (value === null) return "-";
  let [a, b] = [value.num < 0n ? -value.num : value.num, value.den];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? "0" : `${value.num / a}/${value.den / a}`;
}

/** The integer that stands for a filled value in every channel. */
function fillOf(fill: number, lists: Lists | null, origin: Origin): number {
  if (lists === null) return Number.isInteger(fill) ? fill : fail(fillOffGrid(origin, fill));
  const wanted = fromNumber(fill);
  const codes = new Set<number>();
  for (let c = 0; c < Math.max(lists.scales.length, lists.bias.length); c++) {
    const [scale, bias] = [pick(lists.scales, c), pick(lists.bias, c)];
    const [low, high] = [pick(lists.low, c), pick(lists.high, c)];
    const outside =
      (low !== null && compare(wanted, low) < 0) || (high !== null && compare(wanted, high) > 0);
    if (sign(scale) === 0 || outside) return fail(fillOffGrid(origin, fill));
    const position = divide(subtract(wanted, bias), scale);
    const whole = floor(position);
    if (whole * position.den !== position.num) return fail(fillOffGrid(origin, fill));
    codes.add(Number(whole));
  }
  const [code, ...others] = codes;
  if (code === undefined || others.length > 0 || Math.abs(code) >= 2 ** 29) {
    return fail(fillOffGrid(origin, fill));
  }
  return code;
}
