import { evaluator } from "../../../graph/functions.js";
import { narrowestType } from "../../../graph/levels.js";
import { ROUND } from "../../../graph/rounding.js";
import type { GraphNode, Rounding, Shape, UnaryFunction } from "../../../graph/types.js";
import { wholeOrder } from "../../../graph/views.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { RuntimeValue, Term } from "../value.js";
import { isMeasured } from "./measured.js";
import { emitWithNumber, RULES } from "./number.js";
import { emitPair, UNIT } from "./pair.js";
import { bindSum } from "./sums.js";
import { emitView } from "./views.js";

/** Least and greatest value that a clip leaves. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const UNBOUNDED: Bounds = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/**
 * Quantisers spelled out, `Clip(Round(x / s)) * s`, `Clip(Round(x / s) * s)` or
 * `Round(Clip(x / s)) * s`: between a rounding and a clip, whichever comes first, reals become
 * integers. A rounding without a clip before it waits for the one behind it.
 */
function translateRounding(node: NodeView, build: GraphBuilder, mode: Rounding): void {
  const x = node.real(0);
  if (isMeasured(build, x)) {
    // The scale is measured at run time (BitNet): rounded in float32, not at fixed break points.
    if (mode !== "half-even") node.unsupported("rounds what was scaled by a measured number");
    const { origin } = node;
    const output = node.outputName();
    build.emit({ kind: "round", origin, input: x.name, output }, { shape: x.shape, type: "real" });
    return;
  }
  const { low, high } = boundsOf(build, x.name);
  const round = ROUND[mode];
  const rounded = { mode, low: round(low), high: round(high) };
  const term = { of: x, order: wholeOrder(x.shape), factor: 1, rounded };
  bindRounded(node, build, x.shape, { term, offset: 0 });
}

/** Between which numbers a tensor lies, as far as Clips and arithmetic with numbers say. */
function boundsOf(build: GraphBuilder, name: string): Bounds {
  const steps: ((x: number) => number)[] = [];
  for (let at = build.maker(name); at !== undefined && "input" in at; at = build.maker(at.input)) {
    const step = stepOf(build, at);
    if (step === null) break;
    steps.push(step);
  }
  const ends = [UNBOUNDED.low, UNBOUNDED.high].map((end) => steps.reduceRight((x, f) => f(x), end));
  // Infinity times 0 and the like is no number: then nothing is known.
  return ends.some(Number.isNaN) ? UNBOUNDED : { low: Math.min(...ends), high: Math.max(...ends) };
}

/** A function that rises or falls, of one number; null for other nodes. */
function stepOf(build: GraphBuilder, node: GraphNode): ((x: number) => number) | null {
  if (node.kind === "reshape" || node.kind === "transpose") return (x) => x;
  if (node.kind === "clip") return (x) => Math.min(Math.max(x, node.low), node.high);
  if (node.kind === "unary") return BOUNDED[node.function.name] ?? null;
  if (node.kind !== "arithmetic" || node.constantFirst) return null;
  const { data } = build.constants.get(node.constant) ?? { data: [] };
  const [number] = data;
  if (number === undefined || data.length !== 1) return null;
  const rule = RULES[node.operation];
  return (x) => rule(x, number);
}

const BOUNDED: Readonly<Partial<Record<UnaryFunction["name"], (x: number) => number>>> = {
  sigmoid: evaluator({ name: "sigmoid" }),
  tanh: evaluator({ name: "tanh" }),
};

/** A rounding among the steps of a quantiser: `term.factor * rounded + offset`. */
interface Rounded {
  readonly term: Term & { readonly rounded: NonNullable<Term["rounded"]> };
  readonly offset: number;
}

/** The only term of a sum that waits, if it is rounded. */
export function roundedOf(value: RuntimeValue): Rounded | null {
  if (value.pending?.kind !== "sum") return null;
  const { terms, offset } = value.pending;
  const [term] = terms;
  if (term?.rounded === undefined || terms.length > 1) return null;
  return { term: { ...term, rounded: term.rounded }, offset };
}

/** Clips a tensor whose rounding waits for bounds. */
export function clipRounded(
  node: NodeView,
  build: GraphBuilder,
  shape: Shape,
  { term, offset }: Rounded,
  bounds: Bounds,
): void {
  const { factor, rounded } = term;
  if (factor < 0) node.unsupported("clips rounded numbers whose sign is turned");
  const levelOf = (bound: number): number => {
    if (!Number.isFinite(bound)) return bound;
    const level = Math.round((bound - offset) / factor);
    if (Math.fround(level * factor + offset) === Math.fround(bound)) return level;
    const steps =
      factor === 1 && offset === 0 ? "no integer" : `no whole number of steps of ${factor}`;
    return node.unsupported(`clips rounded numbers at ${bound}, which is ${steps}`);
  };
  const [least, most] = [levelOf(bounds.low), levelOf(bounds.high)];
  const clamp = (level: number): number => Math.min(Math.max(level, least), most);
  const clipped = { ...rounded, low: clamp(rounded.low), high: clamp(rounded.high) };
  bindRounded(node, build, shape, { term: { ...term, rounded: clipped }, offset });
}

/** A quantiser, if both bounds are known by now. */
function bindRounded(node: NodeView, build: GraphBuilder, shape: Shape, whole: Rounded): void {
  const { term, offset } = whole;
  const { mode, low, high } = term.rounded;
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    bindSum(node, build, shape, { terms: [term], offset });
    return;
  }
  const type = narrowestType(low, high) ?? node.unsupported(`has levels ${low} to ${high}`);
  const output = node.outputName();
  const quantizer = {
    kind: "uniform",
    ...UNIT,
    zeroAdded: "after-rounding",
    min: low,
    max: high,
    rounding: mode,
  } as const;
  const x = emitView(node, build, term, shape);
  const affine = { ...UNIT, scale: Float32Array.of(term.factor) };
  const levels = offset === 0 ? output : build.fresh(`${output}.levels`);
  const real = emitPair(node, build, x, quantizer, type, affine, levels);
  if (offset !== 0) emitWithNumber(node, build, real, "add", offset, { output });
}

function rounding(mode: Rounding): Operator {
  const round = ROUND[mode];
  return {
    limits:
      "at run time with a Clip straight before or after it, whose bounds are at most 16 bits wide",
    translate: (node, build) => translateRounding(node, build, mode),
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, round);
    },
  };
}

export const ROUNDING: OperatorTable = {
  Round: rounding("half-even"),
  Floor: rounding("floor"),
  Ceil: rounding("ceil"),
};
