import { checkGraph } from "../../src/graph/check.js";
import { inputsOf, sameShape, withInputs } from "../../src/graph/nodes.js";
import { removeDead } from "../../src/graph/passes/remove-dead.js";
import type { Constant, Graph, GraphNode } from "../../src/graph/types.js";
import { evaluate } from "../graph/evaluate.js";
import type { Failure } from "./compare.js";
import { type GraphTrial, lowerAndCompare } from "./graph-trial.js";
import { stretches } from "./simplify-layer.js";

export interface ShrunkGraph {
  readonly trial: GraphTrial;
  readonly failure: Failure;
  /** Candidates that were tried. */
  readonly tried: number;
}

type Try = (trial: GraphTrial) => Failure | null;

/** How a graph fails, or null. */
function failureOf(trial: GraphTrial): Failure | null {
  const lowered = lowerAndCompare(trial);
  return lowered.kind === "failed" ? lowered.failure : null;
}

/**
 * The smallest graph found that fails as the given one does: without its end, its beginning or a
 * node between, and with zeros for its constants and its input.
 *
 * @param attempt how a graph fails; tests plant a bug there
 */
export function shrinkGraph(
  trial: GraphTrial,
  failure: Failure,
  attempt: Try = failureOf,
): ShrunkGraph {
  const { input } = failure;
  const shown = input === null ? undefined : trial.inputs[input];
  let best: ShrunkGraph = {
    trial: { ...trial, inputs: shown === undefined ? trial.inputs.slice(0, 1) : [shown] },
    failure,
    tried: 0,
  };
  for (;;) {
    const better = firstFailing(best, attempt);
    if (better.trial === best.trial) return better;
    best = better;
  }
}

function firstFailing(best: ShrunkGraph, attempt: Try): ShrunkGraph {
  let { tried } = best;
  for (const trial of candidatesFor(best.trial)) {
    tried++;
    const failure = attempt(trial);
    if (failure !== null && isLike(failure, best.failure)) return { trial, failure, tried };
  }
  return { ...best, tried };
}

/** A crash must stay the same one: a simpler graph may break in a way of its own. */
function isLike(a: Failure, b: Failure): boolean {
  const words = (text: string): string => text.replace(/[\d.]+|"[^"]*"/g, "");
  return a.kind === b.kind && (a.kind !== "crash" || words(a.detail) === words(b.detail));
}

/** Legal trials that cost less, the cheapest first. */
function candidatesFor(trial: GraphTrial): GraphTrial[] {
  const limit = costOf(trial);
  return [...shorter(trial), ...emptier(trial)]
    .flatMap((candidate) => legal(candidate) ?? [])
    .map((candidate) => ({ candidate, cost: costOf(candidate) }))
    .filter(({ cost }) => cost < limit)
    .sort((a, b) => a.cost - b.cost)
    .map(({ candidate }) => candidate);
}

/** Nodes first, then tensors, then numbers that are not 0. */
function costOf({ graph, inputs }: GraphTrial): number {
  const constants = [...graph.constants.values()].flatMap(({ data }) => [...data]);
  const numbers = [...constants, ...inputs.flat()].filter((value) => value !== 0);
  return 1e6 * graph.nodes.length + numbers.length;
}

/** Without what nothing reads any more; null where the rest is no graph. */
function legal(trial: GraphTrial): GraphTrial | null {
  try {
    const graph = removeDead(trial.graph);
    checkGraph(graph, "shrinking");
    return { ...trial, graph };
  } catch {
    return null;
  }
}

function shorter(trial: GraphTrial): GraphTrial[] {
  const { graph, inputs } = trial;
  const [input = []] = inputs;
  const values = evaluate(graph, input);
  return graph.nodes.flatMap((node) => {
    const begun = values.get(node.output);
    return [
      { ...trial, graph: { ...graph, output: node.output } },
      ...bypassed(graph, node).map((without) => ({ ...trial, graph: without })),
      ...(begun === undefined ? [] : [{ ...trial, ...begunAt(graph, node, begun) }]),
    ];
  });
}

/** Without a node whose output could be one of its inputs. */
function bypassed(graph: Graph, node: GraphNode): Graph[] {
  const made = graph.tensors.get(node.output);
  return inputsOf(node).flatMap((input) => {
    const read = graph.tensors.get(input);
    const alike = made?.type === read?.type && sameShape(made?.shape ?? [], read?.shape ?? []);
    if (!alike) return [];
    const rename = (name: string): string => (name === node.output ? input : name);
    const nodes = graph.nodes.filter((n) => n !== node).map((n) => withInputs(n, rename));
    return [{ ...graph, nodes, output: rename(graph.output) }];
  });
}

/** Fed with what a node makes. */
function begunAt(
  graph: Graph,
  node: GraphNode,
  values: Float64Array,
): Pick<GraphTrial, "graph" | "inputs"> {
  const nodes = graph.nodes.filter((n) => n !== node);
  return { graph: { ...graph, input: node.output, nodes }, inputs: [[...values].map(Math.fround)] };
}

/** Stretches of the input and of the constants 0. */
function emptier(trial: GraphTrial): GraphTrial[] {
  const { graph, inputs } = trial;
  const [input = []] = inputs;
  const fed = stretches(input.length).map((stretch) => ({
    ...trial,
    inputs: [input.map((value, i) => (within(stretch, i) ? 0 : value))],
  }));
  const divisors = new Set(graph.nodes.flatMap(divisorsOf));
  const constants = [...graph.constants].filter(([name]) => !divisors.has(name));
  const kept = constants.flatMap(([name, constant]) =>
    stretches(constant.data.length).map((stretch) => ({
      ...trial,
      graph: {
        ...graph,
        constants: new Map(graph.constants).set(name, zeroed(constant, stretch)),
      },
    })),
  );
  return [...fed, ...kept];
}

/** Constants that must not be 0. */
function divisorsOf(node: GraphNode): string[] {
  if (node.kind === "batchNorm") return [node.variance];
  return node.kind === "arithmetic" && node.operation === "div" ? [node.constant] : [];
}

type Stretch = readonly [from: number, to: number];

function within([from, to]: Stretch, i: number): boolean {
  return i >= from && i < to;
}

function zeroed(constant: Constant, stretch: Stretch): Constant {
  const { data, grid } = constant;
  const empty = { ...constant, data: data.map((value, i) => (within(stretch, i) ? 0 : value)) };
  if (grid === undefined) return empty;
  const integers = grid.integers.map((value, i) => (within(stretch, i) ? 0 : value));
  return { ...empty, grid: { ...grid, integers } };
}
