import { levelCode, narrowestType } from "../levels.js";
import { freshName, inputsOf, sameShape } from "../nodes.js";
import {
  type Break,
  combineSteps,
  MOST_BREAKS,
  mapValues,
  ofAbsolute,
  ofClipped,
  ofScaled,
  ofShifted,
  type StepFunction,
  stepsOfQuantizer,
  valueAt,
} from "../step-function.js";
import type {
  BinaryNode,
  Constant,
  Graph,
  GraphNode,
  IntegerType,
  Quantizer,
  TensorInfo,
} from "../types.js";
import {
  composeOrders,
  keepsOrder,
  movesTo,
  type Order,
  transposedOrder,
  wholeOrder,
} from "../views.js";
import { removeDead } from "./remove-dead.js";

/** What is known of a tensor: a function of each element of another one, seen in some order. */
type Known = Steps | Line;

interface View {
  readonly root: string;
  readonly order: Order;
  /** Put together of several quantisers, or of one of |x|, or clipped behind it. */
  readonly fused: boolean;
}

interface Steps extends View {
  readonly kind: "steps";
  readonly steps: StepFunction;
  /** Whether other nodes read a tensor on the way from the quantiser. */
  readonly shared: boolean;
}

/** What makes a step function of a tensor one of the root; null where break points would be rounded. */
type Pull = (steps: StepFunction) => StepFunction | null;

/** Not yet quantised. */
interface Line extends View {
  readonly kind: "line";
  readonly pull: Pull;
}

/** The tensors and constants of a graph that is being rewritten. */
interface Rewritten {
  readonly tensors: Map<string, TensorInfo>;
  readonly constants: Map<string, Constant>;
}

/** A node with one input, before it is put behind another one. */
type Unplaced = UnplacedOf<Extract<GraphNode, { input: string }>>;
type UnplacedOf<T> = T extends GraphNode ? Omit<T, "origin" | "input" | "output"> : never;

/**
 * Quantisers that are put together from simpler ones, as `sign(x) * (|x| >= t)` or two roundings of
 * different halves of x, become one list of thresholds, where what they are together only rises or
 * only falls.
 */
export function fuseSteps(graph: Graph): Graph {
  const readers = readersOf(removeDead(graph));
  const known = new Map<string, Known>();
  for (const node of graph.nodes) {
    const state = stateOf(node, graph, (name) => {
      const found = known.get(name) ?? lineOf(name, graph);
      const isShared = (readers.get(name)?.length ?? 0) > 1;
      return found.kind === "steps" && isShared ? { ...found, shared: true } : found;
    });
    if (state !== null) known.set(node.output, state);
  }
  const goesOn = ({ kind, output }: GraphNode): boolean =>
    kind === "quantize" || known.get(output)?.kind === "steps";
  const rewritten = { tensors: new Map(graph.tensors), constants: new Map(graph.constants) };
  const nodes = graph.nodes.flatMap((node) => {
    const state = known.get(node.output);
    const isEnd =
      node.output === graph.output || readers.get(node.output)?.some((reader) => !goesOn(reader));
    if (state?.kind !== "steps" || !state.fused || !isEnd) return [node];
    const levels = counted(state.steps);
    return levels === null ? [node] : replaced(node, state, levels, rewritten);
  });
  return { ...graph, ...rewritten, nodes };
}

function readersOf(graph: Graph): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const name of inputsOf(node)) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
  }
  return readers;
}

/** A tensor of which nothing is known. */
function lineOf(name: string, graph: Graph): Line {
  const order = wholeOrder(graph.tensors.get(name)?.shape ?? []);
  return { kind: "line", root: name, order, fused: false, pull: (steps) => steps };
}

function stateOf(node: GraphNode, graph: Graph, of: (name: string) => Known): Known | null {
  const shapeOf = (name: string) => graph.tensors.get(name)?.shape ?? [];
  switch (node.kind) {
    case "clip": {
      const { low, high } = node;
      const clip = (x: number): number => Math.min(Math.max(x, low), high);
      const state = pointwise(of(node.input), clip, (f) => ofClipped(f, low, high));
      // Where nothing else reads them, the levels that are cut off need not be made.
      return state.kind === "steps" ? { ...state, fused: state.fused || !state.shared } : state;
    }
    case "unary":
      if (node.function.name !== "abs") return null;
      return { ...pointwise(of(node.input), Math.abs, ofAbsolute), fused: true };
    case "arithmetic":
      return afterNumber(node, graph, of(node.input));
    case "quantize": {
      const state = of(node.input);
      const levels = stepsOfQuantizer(node.quantizer);
      if (levels === null) return null;
      if (state.kind === "steps") return requantized(state, levels);
      const { root, order, fused, pull } = state;
      const steps = pull(levels);
      return steps === null ? null : { kind: "steps", root, order, fused, shared: false, steps };
    }
    case "dequantize": {
      const state = of(node.input);
      const [scale = 1] = node.scale;
      const [zero = 0] = node.zero;
      if (state.kind === "line" || node.scale.length > 1 || node.zero.length > 1) return null;
      return { ...state, steps: mapValues(state.steps, (q) => (q - zero) * scale) };
    }
    case "add":
    case "sub":
    case "mul":
      return joined(node, graph, of);
    case "reshape": {
      const state = of(node.input);
      return keepsOrder(shapeOf(node.input), shapeOf(node.output)) ? state : null;
    }
    case "transpose": {
      const state = of(node.input);
      const axes = transposedOrder(shapeOf(node.input), node.permutation);
      return { ...state, order: composeOrders(state.order, axes) };
    }
    default:
      return null;
  }
}

/** More levels than these are better quantised twice than compared with so many thresholds. */
const MOST_REQUANTIZED = 16;

function requantized(state: Steps, levels: StepFunction): Steps | null {
  if (state.steps.breaks.length > MOST_REQUANTIZED) return null;
  const steps = mapValues(state.steps, (x) => valueAt(levels, x));
  return { ...state, steps, fused: state.fused || !state.shared };
}

/** What a function of one number makes of a state; `pull` takes it to where a line comes from. */
function pointwise(state: Known, apply: (x: number) => number, pull: Pull): Known {
  if (state.kind === "steps") return { ...state, steps: mapValues(state.steps, apply) };
  return { ...state, pull: chained(state.pull, pull) };
}

function chained(first: Pull, last: Pull): Pull {
  return (steps) => {
    const pulled = last(steps);
    return pulled === null ? null : first(pulled);
  };
}

const RULES = {
  add: (a: number, b: number): number => a + b,
  sub: (a: number, b: number): number => a - b,
  mul: (a: number, b: number): number => a * b,
  div: (a: number, b: number): number => a / b,
} as const;

function afterNumber(
  { operation, constant, constantFirst }: GraphNode & { kind: "arithmetic" },
  graph: Graph,
  state: Known,
): Known | null {
  const { data } = graph.constants.get(constant) ?? { data: [] };
  const [number] = data;
  if (number === undefined || data.length !== 1) return null;
  const rule = RULES[operation];
  if (state.kind === "steps") {
    const apply = (x: number): number => (constantFirst ? rule(number, x) : rule(x, number));
    const steps = mapValues(state.steps, apply);
    return steps.values.every(Number.isFinite) ? { ...state, steps } : null;
  }
  const pull = pullOfNumber(operation, number, constantFirst);
  return pull === null ? null : { ...state, pull: chained(state.pull, pull) };
}

function pullOfNumber(
  operation: keyof typeof RULES,
  number: number,
  constantFirst: boolean,
): Pull | null {
  switch (operation) {
    case "add":
      return (steps) => ofShifted(steps, number);
    case "sub":
      return constantFirst ? null : (steps) => ofShifted(steps, -number);
    case "mul":
      return number === 0 ? null : (steps) => ofScaled(steps, number);
    case "div":
      return constantFirst || number === 0 ? null : (steps) => ofScaled(steps, 1 / number);
    default:
      return operation satisfies never;
  }
}

/** Two step functions of the same elements. */
function joined(
  { kind, inputs, output }: BinaryNode,
  graph: Graph,
  of: (name: string) => Known,
): Known | null {
  const [a, b] = inputs.map(of);
  if (a?.kind !== "steps" || b?.kind !== "steps") return null;
  if (a.root !== b.root || !sameShape(a.order, b.order)) return null;
  const shape = graph.tensors.get(output)?.shape ?? [];
  const whole = inputs.every((name) => sameShape(graph.tensors.get(name)?.shape ?? [], shape));
  if (!whole || a.steps.breaks.length + b.steps.breaks.length > MOST_BREAKS) return null;
  return { ...a, fused: true, steps: combineSteps(a.steps, b.steps, RULES[kind]) };
}

/** Levels that thresholds count: `factor * (base + step * n) + rest` where n are reached. */
interface Counted {
  readonly quantizer: Quantizer & { kind: "thresholds" };
  readonly type: IntegerType;
  readonly factor: number;
  readonly rest: number;
}

/** Null for a function that rises and falls, and for one whose values have no common unit. */
function counted({ breaks, values }: StepFunction): Counted | null {
  const sign = (values.at(-1) ?? 0) < (values[0] ?? 0) ? -1 : 1;
  const rising = values.map((value) => value * sign);
  const [lowest = 0] = rising;
  const jumps = breaks.map((_, i) => (rising[i + 1] ?? 0) - (rising[i] ?? 0));
  const width = Math.min(...jumps);
  if (jumps.length === 0 || !(width > 0)) return null;
  const counts = rising.map((value) => Math.round((value - lowest) / width));
  const isEven = rising.every(
    (value, i) => Math.fround(lowest + width * (counts[i] ?? 0)) === Math.fround(value),
  );
  const count = counts.at(-1) ?? 0;
  const { unit, base, step, rest } = levelCode(width, lowest);
  const type = narrowestType(base, base + step * count);
  if (!isEven || count > MOST_BREAKS || type === undefined) return null;
  const list = breaks.flatMap((place, i) =>
    Array<Break>((counts[i + 1] ?? 0) - (counts[i] ?? 0)).fill(place),
  );
  return {
    quantizer: {
      kind: "thresholds",
      values: Float64Array.from(list, ({ at }) => at),
      open: list.map(({ open }) => open),
      count,
      axis: null,
      base,
      step,
    },
    type,
    factor: unit * sign,
    rest: rest * sign,
  };
}

/** Adds nodes whose last one makes the tensor that `node` made. */
function replaced(
  node: GraphNode,
  { root, order }: Known,
  { quantizer, type, factor, rest }: Counted,
  graph: Rewritten,
): GraphNode[] {
  const { origin, output } = node;
  const { tensors, constants } = graph;
  const nodes: GraphNode[] = [];
  let { shape } = tensors.get(root) ?? { shape: [] };
  let input = root;
  const add = (made: Unplaced, info: TensorInfo): void => {
    const name = freshName(`${output}.steps`, tensors, constants);
    nodes.push({ ...made, origin, input, output: name });
    tensors.set(name, info);
    input = name;
  };
  const calculate = (operation: "mul" | "add", number: number): void => {
    const constant = freshName(`${output}.${operation}`, tensors, constants);
    constants.set(constant, { shape: [], data: Float64Array.of(number) });
    add({ kind: "arithmetic", operation, constant, constantFirst: false }, { shape, type: "real" });
  };
  for (const move of movesTo(shape, order, tensors.get(output)?.shape ?? [])) {
    shape = move.shape;
    const { permutation } = move;
    const kind = permutation === undefined ? { kind: "reshape" as const } : null;
    add(kind ?? { kind: "transpose", permutation: permutation ?? [] }, { shape, type: "real" });
  }
  add({ kind: "quantize", quantizer }, { shape, type });
  // A scale is positive, and float32.
  const isScale = factor > 0 && Math.fround(factor) === factor;
  const scale = Float32Array.of(isScale ? factor : 1);
  add({ kind: "dequantize", scale, zero: Float32Array.of(0), axis: null }, { shape, type: "real" });
  if (!isScale) calculate("mul", factor);
  if (rest !== 0) calculate("add", rest);
  const last = nodes.pop();
  if (last === undefined) return [node];
  tensors.delete(last.output);
  return [...nodes, { ...last, output }];
}
