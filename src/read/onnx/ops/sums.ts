import { sameShape } from "../../../graph/nodes.js";
import type { Shape } from "../../../graph/types.js";
import { composeOrders, keepsOrder, transposedOrder, wholeOrder } from "../../../graph/views.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { RuntimeValue, Term } from "../value.js";
import { isMeasured } from "./measured.js";
import type { Operation } from "./number.js";
import { emitView } from "./views.js";

/** `offset` and the sum of the terms. */
export interface Sum {
  readonly terms: readonly Term[];
  readonly offset: number;
}

/** How many additions are looked into for terms that cancel. */
const MOST_LOOKED_INTO = 12;

/**
 * Straight-through estimators leave `x + (q - x)` in a network, spelled in many ways (`-x + q + x`,
 * `x - (x - q)`, with transpositions in between): q, whose gradient in training is that of x. And
 * roundings wait for their bounds while they are scaled. Both are sums of terms: what cancels is
 * dropped, and what is left waits until it is one term.
 *
 * @returns whether the node is done
 */
export function translateSum(node: NodeView, build: GraphBuilder, operation: Operation): boolean {
  if (node.isRuntime(0) && node.isRuntime(1)) return addTensors(node, build, operation);
  return addNumber(node, build, operation);
}

function addTensors(node: NodeView, build: GraphBuilder, operation: Operation): boolean {
  if (operation !== "add" && operation !== "sub") return false;
  const [a, b] = [node.unfinished(0), node.unfinished(1)];
  if (!isSummand(a) || !isSummand(b) || !sameShape(a.shape, b.shape)) return false;
  const [first, second] = [sumOf(build, a), scaled(sumOf(build, b), operation === "sub" ? -1 : 1)];
  const terms = [...first.terms, ...second.terms];
  const offset = first.offset + second.offset;
  const left = offset === 0 ? leftOver(build, terms) : null;
  if (left !== null) {
    bindTerm(node, build, a.shape, left);
    return true;
  }
  if (a.pending === undefined && b.pending === undefined) return false;
  bindSum(node, build, a.shape, { terms: merged(terms), offset });
  return true;
}

/**
 * The only term that is left when others cancel, perhaps after sums among them are looked into: the
 * latest first, so that what is left may itself be a sum. Null if there is no such term.
 */
function leftOver(build: GraphBuilder, given: readonly Term[]): Term | null {
  let terms = merged(given);
  let cancelled = terms.length < given.length;
  for (let i = 0; i < MOST_LOOKED_INTO; i++) {
    const [term, ...more] = terms;
    if (term !== undefined && more.length === 0 && cancelled) {
      // In float32 such sums are not exact; what becomes of them is for lowering to say.
      const measured = given.some(({ of }) => isMeasured(build, of));
      return term.factor === 1 && !measured ? term : null;
    }
    const next = latestSum(build, terms);
    if (next === null) return null;
    const whole = terms.flatMap((other) => (other === next.term ? next.parts : [other]));
    terms = merged(whole);
    cancelled ||= terms.length < whole.length;
  }
  return null;
}

function latestSum(
  build: GraphBuilder,
  terms: readonly Term[],
): { readonly term: Term; readonly parts: readonly Term[] } | null {
  const latestFirst = terms.toSorted(
    (a, b) => build.position(b.of.name) - build.position(a.of.name),
  );
  for (const term of latestFirst) {
    const parts = summandsOf(build, term);
    if (parts !== null) return { term, parts };
  }
  return null;
}

/** A sum that waits, and one number. */
function addNumber(node: NodeView, build: GraphBuilder, operation: Operation): boolean {
  const constantFirst = node.isConstant(0);
  const [at, of] = constantFirst ? [1, 0] : [0, 1];
  const x = node.unfinished(at);
  if (x.pending?.kind !== "sum" || node.constant(of).data.length !== 1) return false;
  const number = node.scalar(of);
  const sum = withNumber(x.pending, operation, number, constantFirst);
  if (sum === null || !Number.isFinite(number)) return false;
  bindSum(node, build, x.shape, sum);
  return true;
}

function withNumber(
  sum: Sum,
  operation: Operation,
  number: number,
  constantFirst: boolean,
): Sum | null {
  switch (operation) {
    case "add":
      return { ...sum, offset: sum.offset + number };
    case "sub": {
      const { terms, offset } = scaled(sum, constantFirst ? -1 : 1);
      return { terms, offset: offset + (constantFirst ? number : -number) };
    }
    case "mul":
      return number === 0 ? null : scaled(sum, number);
    case "div":
      return constantFirst || number === 0 ? null : scaled(sum, 1 / number);
    default:
      return operation satisfies never;
  }
}

function isSummand({ type, pads, pending }: RuntimeValue): boolean {
  return type === "real" && pads === undefined && pending?.kind !== "patches";
}

/** A sum that waits, times -1. */
export function negateSum(node: NodeView, build: GraphBuilder): boolean {
  const { shape, pending } = node.unfinished(0);
  if (pending?.kind !== "sum") return false;
  bindSum(node, build, shape, scaled(pending, -1));
  return true;
}

function scaled({ terms, offset }: Sum, by: number): Sum {
  const scale = (term: Term): Term => ({ ...term, factor: term.factor * by });
  return { terms: terms.map(scale), offset: offset * by };
}

function sumOf(build: GraphBuilder, value: RuntimeValue): Sum {
  if (value.pending?.kind === "sum") return value.pending;
  const term = { of: value, order: wholeOrder(value.shape), factor: 1 };
  return { terms: [sourceOf(build, term)], offset: 0 };
}

/** The tensor that a term is a view of, or the opposite of. */
function sourceOf(build: GraphBuilder, given: Term): Term {
  let term = given;
  for (;;) {
    const next = stepBack(build, term);
    if (next === null) return term;
    term = next;
  }
}

function stepBack(build: GraphBuilder, term: Term): Term | null {
  const { of, order, factor } = term;
  const maker = build.maker(of.name);
  if (maker === undefined || term.rounded !== undefined || !("input" in maker)) return null;
  const input = tensorOf(build, maker.input);
  if (input === null) return null;
  switch (maker.kind) {
    case "reshape":
      return keepsOrder(input.shape, of.shape) ? { of: input, order, factor } : null;
    case "transpose": {
      const axes = transposedOrder(input.shape, maker.permutation);
      return { of: input, order: composeOrders(axes, order), factor };
    }
    case "arithmetic": {
      const { data } = build.constants.get(maker.constant) ?? { data: [] };
      const [number] = data;
      const isSign = maker.operation === "mul" && data.length === 1;
      if (!isSign || (number !== 1 && number !== -1)) return null;
      return { of: input, order, factor: factor * number };
    }
    default:
      return null;
  }
}

function tensorOf(build: GraphBuilder, name: string): RuntimeValue | null {
  const info = build.tensors.get(name);
  return info === undefined ? null : { kind: "runtime", name, ...info };
}

/** The two terms of a term that is itself a sum. */
function summandsOf(build: GraphBuilder, { of, order, factor, rounded }: Term): Term[] | null {
  const maker = build.maker(of.name);
  if (rounded !== undefined || (maker?.kind !== "add" && maker?.kind !== "sub")) return null;
  const [a, b] = maker.inputs.map((name) => tensorOf(build, name));
  if (a == null || b == null) return null;
  if (!sameShape(a.shape, of.shape) || !sameShape(b.shape, of.shape)) return null;
  const second = maker.kind === "sub" ? -factor : factor;
  return [
    sourceOf(build, { of: a, order, factor }),
    sourceOf(build, { of: b, order, factor: second }),
  ];
}

/** Equal terms as one; those that cancel are gone. */
function merged(terms: readonly Term[]): Term[] {
  const byKey = new Map<string, Term>();
  for (const term of terms) {
    const { of, order, rounded } = term;
    const key = JSON.stringify([of.name, order, rounded ?? null]);
    const factor = (byKey.get(key)?.factor ?? 0) + term.factor;
    byKey.set(key, { ...term, factor });
  }
  return [...byKey.values()].filter(({ factor }) => factor !== 0);
}

/** The output is one tensor of the sum, seen another way perhaps. */
function bindTerm(node: NodeView, build: GraphBuilder, shape: Shape, term: Term): void {
  if (term.rounded !== undefined) {
    bindSum(node, build, shape, { terms: [term], offset: 0 });
    return;
  }
  const { name, type } = emitView(node, build, term, shape);
  build.emit(
    { kind: "reshape", origin: node.origin, input: name, output: node.outputName() },
    { shape, type },
  );
}

export function bindSum(node: NodeView, build: GraphBuilder, shape: Shape, sum: Sum): void {
  const name = node.outputName();
  build.bind(name, {
    kind: "runtime",
    name,
    shape,
    type: "real",
    pending: { kind: "sum", ...sum },
  });
}
