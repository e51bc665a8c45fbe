import type { Window } from "../../src/graph/types.js";
import type { FloatProgram, FloatStep } from "../../src/network/float.js";
import type {
  GatherLayer,
  GatherPart,
  Layer,
  PointwiseLayer,
  ReduceLayer,
  Requantization,
  Weights,
} from "../../src/network/types.js";
import type { Extent } from "./conform.js";

/** Smaller positive numbers to try: 1, half, one less. */
export function less(n: number): number[] {
  return [...new Set([1, Math.floor(n / 2), n - 1])].filter((m) => m >= 1 && m < n);
}

/** [0, length) and its halves, their halves, and so on, while they are not too many. */
export function stretches(length: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let size = length; size >= 1 && found.length < 100; size = Math.floor(size / 2)) {
    for (let from = 0; from < length; from += size)
      found.push([from, Math.min(length, from + size)]);
  }
  return found;
}

/** The layer with less in it; to be fitted. */
export function simplerLayers(layer: Layer): Layer[] {
  return [...simplerParts(layer), ...simplerConstants(layer)];
}

/** What several kinds have in common. */
function simplerConstants(layer: Layer): Layer[] {
  const found: Layer[] = [];
  if ("window" in layer) {
    found.push(...simplerWindows(layer.window).map((window) => ({ ...layer, window })));
  }
  if ("weights" in layer) {
    found.push(...simplerWeights(layer.weights).map((weights) => ({ ...layer, weights })));
  }
  if ("requantization" in layer) {
    found.push(
      ...simplerRules(layer.requantization).map((requantization) => ({ ...layer, requantization })),
    );
  }
  if ("zero" in layer) found.push({ ...layer, zero: 0 });
  if ("program" in layer) {
    found.push(...simplerPrograms(layer.program).map((program) => readBy(layer, program)));
  }
  return found;
}

/** What only one kind has. */
function simplerParts(layer: Layer): Layer[] {
  switch (layer.kind) {
    case "conv":
    case "conv-transpose":
      return less(layer.groups).map((groups) => ({ ...layer, groups }));
    case "dense":
      return less(layer.positions).map((positions) => ({ ...layer, positions }));
    case "sum-pool":
      return [
        { ...layer, multiple: 0 },
        { ...layer, margins: { top: 0, left: 0, bottom: 0, right: 0 } },
      ];
    case "elementwise":
      return layer.inputs.length > 1 ? layer.inputs.map((id) => ({ ...layer, inputs: [id] })) : [];
    case "product":
      return [{ ...layer, zeros: [0, 0] }];
    case "gather":
      return simplerGathers(layer);
    case "lookup":
      return [
        ...less(layer.columns).map((columns) => ({ ...layer, columns })),
        ...less(layer.table.length / layer.columns).map((rows) => ({
          ...layer,
          table: layer.table.slice(0, rows * layer.columns),
        })),
      ];
    case "pointwise":
      return layer.store.kind === "float32" ? [] : [{ ...layer, store: { kind: "float32" } }];
    case "reduce":
      return [{ ...layer, stride: 1 }];
    case "max-pool":
      return [];
    default:
      return layer satisfies never;
  }
}

/** One part, and fewer rows, columns and channels in it. */
function simplerGathers(layer: GatherLayer): Layer[] {
  const { view, parts, fill } = layer;
  const cut = (part: GatherPart, extent: Extent): Layer => ({
    ...layer,
    view: extent,
    parts: [
      {
        ...part,
        ...{ top: 0, left: 0, first: 0 },
        rows: part.rows.slice(0, extent.height),
        columns: part.columns.slice(0, extent.width),
        channels: part.channels.slice(0, extent.channels),
      },
    ],
  });
  return [
    ...parts.map((part) => ({ ...layer, parts: [part] })),
    ...parts.flatMap((part) => {
      const extent = {
        height: part.rows.length,
        width: part.columns.length,
        channels: part.channels.length,
      };
      return [
        extent,
        ...less(extent.height).map((height) => ({ ...extent, height })),
        ...less(extent.width).map((width) => ({ ...extent, width })),
        ...less(extent.channels).map((channels) => ({ ...extent, channels })),
      ].map((smaller) => cut(part, smaller));
    }),
    ...(parts.length === 0 ? [{ ...layer, view: { ...view, height: 1, width: 1 } }] : []),
    ...(fill === 0 ? [] : [{ ...layer, fill: 0 }]),
  ];
}

/** The layer with that program, and only the inputs that it reads. */
function readBy(layer: PointwiseLayer | ReduceLayer, { steps }: FloatProgram): Layer {
  const read = new Set(steps.flatMap((step) => (step.op === "operand" ? step.input : [])));
  const kept = [...layer.inputs.keys()].filter((input) => read.has(input));
  const program = {
    steps: steps.map((step) =>
      step.op === "operand" ? { ...step, input: kept.indexOf(step.input) } : step,
    ),
  };
  return { ...layer, program, inputs: kept.flatMap((input) => layer.inputs[input] ?? []) };
}

/** Programs that end earlier, and constants that are one number. */
function simplerPrograms({ steps }: FloatProgram): FloatProgram[] {
  return [
    ...steps.map((_, i) => withoutUnread(steps.slice(0, i + 1))),
    ...steps.flatMap((step, i) =>
      step.op === "constant" && step.values.length > 1
        ? { steps: steps.with(i, { ...step, values: step.values.slice(0, 1) }) }
        : [],
    ),
  ];
}

/** What the last of these steps needs. */
function withoutUnread(steps: readonly FloatStep[]): FloatProgram {
  const needed = new Set([steps.length - 1]);
  for (const [i, step] of [...steps.entries()].toReversed()) {
    if (!needed.has(i)) continue;
    if ("a" in step) needed.add(step.a);
    if ("b" in step) needed.add(step.b);
  }
  const kept = [...steps.keys()].filter((i) => needed.has(i));
  const moved = (i: number): number => kept.indexOf(i);
  return {
    steps: steps.flatMap((step, i): FloatStep[] => {
      if (!needed.has(i)) return [];
      if ("b" in step) return [{ ...step, a: moved(step.a), b: moved(step.b) }];
      return ["a" in step ? { ...step, a: moved(step.a) } : step];
    }),
  };
}

function simplerWindows(window: Window): Window[] {
  const { kernel, strides, dilations, pads } = window;
  return [
    ...less(kernel[0]).map((n) => ({ ...window, kernel: [n, kernel[1]] as const })),
    ...less(kernel[1]).map((n) => ({ ...window, kernel: [kernel[0], n] as const })),
    ...less(strides[0]).map((n) => ({ ...window, strides: [n, strides[1]] as const })),
    ...less(strides[1]).map((n) => ({ ...window, strides: [strides[0], n] as const })),
    ...less(dilations[0]).map((n) => ({ ...window, dilations: [n, dilations[1]] as const })),
    ...less(dilations[1]).map((n) => ({ ...window, dilations: [dilations[0], n] as const })),
    ...(["top", "left", "bottom", "right"] as const).flatMap((side) =>
      [0, ...less(pads[side])].map((n) => ({ ...window, pads: { ...pads, [side]: n } })),
    ),
  ];
}

/** Fewer outputs, and stretches of zeros (of +1, where there is no zero). */
function simplerWeights(weights: Weights): Weights[] {
  const { kind, outputs, perOutput, values } = weights;
  const plain = kind === "binary" ? 1 : 0;
  return [
    ...less(outputs).map((n) => ({
      ...weights,
      outputs: n,
      values: values.slice(0, n * perOutput),
    })),
    ...less(outputs).map((n) => ({ ...weights, outputs: n, values: values.slice(-n * perOutput) })),
    ...stretches(values.length).map(([from, to]) => ({
      ...weights,
      values: values.map((w, i) => (i >= from && i < to ? plain : w)),
    })),
  ];
}

function simplerRules(rule: Requantization): Requantization[] {
  const none: Requantization = { kind: "none" };
  switch (rule.kind) {
    case "none":
      return [];
    case "thresholds": {
      const { count, thresholds } = rule;
      const short = less(count).map((n) => ({
        ...rule,
        count: n,
        thresholds: thresholds.filter((_, i) => i % count < n),
      }));
      return [
        none,
        { ...rule, thresholds: thresholds.slice(0, count) },
        ...short,
        { ...rule, base: 0 },
        { ...rule, step: 1 },
      ];
    }
    case "table":
      return [none, { ...rule, values: rule.values.slice(0, rule.size) }];
    case "fixed-point": {
      const one = (list: Float64Array) => list.slice(0, 1);
      const shared = {
        ...rule,
        multipliers: rule.multipliers.map(one),
        offsets: one(rule.offsets),
      };
      const bounds = { low: one(rule.low), high: one(rule.high) };
      const zero = Float64Array.of(0);
      return [
        ...(rule.multipliers.length === 1 ? [none] : []),
        { ...shared, ...bounds },
        { ...rule, ...bounds },
        { ...rule, offsets: zero },
        { ...rule, multipliers: rule.multipliers.map(() => Float64Array.of(1)) },
        { ...rule, multipliers: rule.multipliers.map(() => zero) },
        { ...rule, tieBand: 0 },
        { ...rule, base: 0, step: 1 },
        ...[0, ...less(rule.shift)].map((shift) => ({ ...rule, shift, tieBand: 0 })),
      ];
    }
    default:
      return rule satisfies never;
  }
}
