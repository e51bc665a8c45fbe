import type { ConvLayer, Tensor } from "../network/types.js";
import { cType } from "./library.js";
import { numberText } from "./listed.js";
import type { Lanes } from "./sliding-lanes.js";
import { type SlidingSteps, type Step, slidingSteps } from "./sliding-steps.js";

/** A layer, and how its rows are slid over. */
interface Sliding {
  readonly layer: ConvLayer;
  readonly input: Tensor;
  readonly output: Tensor;
  readonly lanes: Lanes;
  readonly steps: SlidingSteps;
}

/** What the template is filled with. */
export function slidingText(
  layer: ConvLayer,
  input: Tensor,
  output: Tensor,
  lanes: Lanes,
): Readonly<Record<string, string | number | boolean>> {
  const steps = slidingSteps(layer, input, output);
  const sliding: Sliding = { layer, input, output, lanes, steps };
  const [from, to] = steps.loop;
  const { window, weights, zero } = layer;
  const { channels } = input;
  const columnAt = (step: number): number => steps.all[step]?.[0]?.column ?? 0;
  const several = (first: number, last: number): string =>
    steps.all
      .slice(first, last)
      .flatMap((step, i) => stepText(sliding, step, null, first + i >= steps.number - 1))
      .join(`\n${" ".repeat(12)}`);
  return {
    ...{ outputs: weights.outputs, words: window.kernel[0] * steps.phases },
    ...{ kernelHeight: window.kernel[0], kernelWidth: window.kernel[1] },
    ...{ stride: window.strides[1], bits: lanes.bits, outHeight: output.height },
    rowElements: output.width * weights.outputs,
    top: `${scaled("row", window.strides[0])}${window.pads.top === 0 ? "" : ` - ${window.pads.top}`}`,
    parted: !lanes.whole,
    beyond: zero === 0 ? "" : beyondText(sliding).join(`\n${" ".repeat(8)}`),
    padded: zero !== 0,
    rows: rowsText(sliding).join(`\n${" ".repeat(12)}`),
    before: several(0, from),
    after: several(to, steps.all.length),
    loop: from < to,
    first: channels * columnAt(from),
    last: channels * columnAt(from) + (to - from) * channels * window.strides[1],
    step: channels * window.strides[1],
    inside: stepText(sliding, steps.all[from] ?? [], columnAt(from), true).join(
      `\n${" ".repeat(16)}`,
    ),
  };
}

function scaled(name: string, factor: number): string {
  return factor === 1 ? name : `(${name} * ${factor})`;
}

function kernelRows({ layer }: Sliding): readonly number[] {
  return Array.from({ length: layer.window.kernel[0] }, (_, r) => r);
}

function phasesOf({ steps }: Sliding): readonly number[] {
  return Array.from({ length: steps.phases }, (_, p) => p);
}

/** Phases of which some step reads a column: the others lie outside the tensor all along. */
function readPhases({ steps }: Sliding): readonly number[] {
  return Array.from({ length: steps.phases }, (_, p) => p).filter((p) =>
    steps.all.some((step) => step[p]?.inside === true),
  );
}

function tapText({ steps }: Sliding, row: number, phase: number): string {
  return `taps[${row * steps.phases + phase}]`;
}

/** What columns outside the input add, by phase. */
function beyondText(sliding: Sliding): readonly string[] {
  const zero = numberText(sliding.layer.zero);
  return phasesOf(sliding).map((p) => {
    const sum = kernelRows(sliding).map((r) => tapText(sliding, r, p));
    return `const uint32_t beyond_${p} = word_of(${zero}) * (${sum.join(" + ")});`;
  });
}

/** Where the rows under the kernel begin, and their taps; a row outside has none, and adds what it misses. */
function rowsText(sliding: Sliding): readonly string[] {
  const { layer, input, output } = sliding;
  const { window, weights, groups, zero } = layer;
  const rowElements = input.width * input.channels;
  const channel = weights.outputs === groups ? "c" : `(c / ${weights.outputs / groups})`;
  const read = readPhases(sliding);
  const declared = kernelRows(sliding).flatMap((r) => {
    const down = r * window.dilations[0];
    const line = down === 0 ? "top" : `(top + ${down})`;
    const lowest = down - window.pads.top;
    const highest = (output.height - 1) * window.strides[0] + lowest;
    const inside = lowest >= 0 && highest < input.height;
    const taps = read.map((p) => {
      const tap = tapText(sliding, r, p);
      return `const uint32_t taps_${r}_${p} = ${inside ? tap : `in_${r} ? ${tap} : 0u`};`;
    });
    const begin = `${line} * ${rowElements}`;
    return [
      ...(inside ? [] : [`const int in_${r} = (${line} >= 0) && (${line} < ${input.height});`]),
      `const ${cType(input.type)} *const x_${r} = &x[${inside ? `(${begin})` : `(in_${r} ? (${begin}) : 0)`} + ${channel}];`,
      ...taps,
    ];
  });
  const missing = read.map((p) => {
    const own = kernelRows(sliding).map((r) => `taps_${r}_${p}`);
    return `const uint32_t missing_${p} = beyond_${p} - (word_of(${numberText(zero)}) * (${own.join(" + ")}));`;
  });
  return zero === 0 ? declared : [...declared, ...missing];
}

/** One step at its own columns, or at `at`, where those of column `origin` are. */
function stepText(
  sliding: Sliding,
  step: Step,
  origin: number | null,
  completes: boolean,
): readonly string[] {
  const { layer, input, lanes } = sliding;
  const added = step.flatMap(({ phase, column, inside }) => {
    if (!inside) return layer.zero === 0 ? [] : [`beyond_${phase}`];
    const products = kernelRows(sliding).map((r) => {
      const index =
        origin === null
          ? `${column * input.channels}`
          : phase === 0
            ? "at"
            : `at + ${phase * input.channels}`;
      return `(word_of(x_${r}[${index}]) * taps_${r}_${phase})`;
    });
    return layer.zero === 0 ? products : [...products, `missing_${phase}`];
  });
  const sum = added.length === 0 ? "0u" : added.join("\n    + ");
  const { bits, whole } = lanes;
  const low = (word: string): string => `sliding_low(${word}, ${bits})`;
  return [
    ...(whole
      ? [`sum += ${sum};`, `low = ${low("sum")};`]
      : [`added = ${sum};`, `low = ${low("sum")} + ${low("added")};`, "sum += added;"]),
    `sum = sliding_rest(sum, low, ${bits});`,
    ...(completes ? [`y[to] = {layer}_out(low, c);`, `to += ${layer.weights.outputs};`] : []),
  ];
}
