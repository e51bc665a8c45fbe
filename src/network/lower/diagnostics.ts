import { type Diagnostic, errorDiagnostic } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import type { FoundWeights, NoWeights } from "../weights.js";

/** `Conv "/features/0"`, as diagnostics and generated comments name a node. */
export function nodeLabel(origin: Origin): string {
  return `${origin.op} "${origin.name}"`;
}

export function atNode(code: Diagnostic["code"], origin: Origin, message: string, hint?: string) {
  return errorDiagnostic(code, { node: nodeLabel(origin) }, message, hint);
}

/** What helps wherever a quantiser is missing. */
const OR_CALIBRATE = "or choose scales by inputs: --calibrate INPUTS.";

export function floatActivation(origin: Origin, why: string): Diagnostic {
  return atNode(
    "lower/float-activation",
    origin,
    `its input is not on an integer grid: ${why}`,
    `Quantise the activation in the model before this node, ${OR_CALIBRATE}`,
  );
}

export function floatWeights(origin: Origin, tensor: string, miss: NoWeights): Diagnostic {
  return errorDiagnostic(
    "lower/float-weights",
    { node: nodeLabel(origin), tensor },
    `the weights are not integers times a scale: output channel ${miss.channel} holds ` +
      `${miss.magnitudes} different magnitudes, and its best ternary fit is off by ` +
      `${(100 * miss.ternaryError).toFixed(1)} % (root mean square)`,
    "Train with ternary, binary, 4-bit or 8-bit weights, or quantise this layer before the export.",
  );
}

/** What a layer's weights are, in words and numbers, for the refusal of other networks. */
export interface LayerNumbers {
  readonly origin: Origin;
  readonly weights: FoundWeights | NoWeights;
}

function weightNumbers({ origin, weights: found }: LayerNumbers): string {
  if (!("weights" in found)) {
    return (
      `${nodeLabel(origin)}: float, ${found.magnitudes} magnitudes in output channel ${found.channel}, ` +
      `best ternary fit off by ${(100 * found.ternaryError).toFixed(1)} %`
    );
  }
  const { kind, values } = found.weights;
  return `${nodeLabel(origin)}: ${values.length} weights on ${new Set(values).size} levels (${kind})`;
}

export function notTernary(layers: readonly LayerNumbers[]): Diagnostic {
  return errorDiagnostic(
    "lower/not-ternary",
    {},
    layers.length === 0
      ? "the network has no layer with weights"
      : `no layer has ternary, binary or 2-bit weights. ${layers.map(weightNumbers).join("; ")}`,
    "tritc is for networks with weights in {-s, 0, +s} or of 2 bits; for an 8-bit network use an int8 runtime.",
  );
}

export function perInputChannelScale(origin: Origin): Diagnostic {
  return atNode(
    "lower/per-input-channel-scale",
    origin,
    "its input has a different scale for each channel, so its products cannot be summed as integers",
    `Quantise it with one scale for the whole tensor, normalise before the input's quantiser, ${OR_CALIBRATE}`,
  );
}

export function zeroPointOffGrid(origin: Origin, zero: number): Diagnostic {
  return atNode(
    "lower/zero-point",
    origin,
    `zero padding needs the real number 0 on the input's grid, but its zero point is ${zero}`,
    "Quantise the activation with an integer zero point.",
  );
}

export function unquantisedClamp(origin: Origin): Diagnostic {
  return atNode(
    "lower/unquantised-clamp",
    origin,
    "its operand is clipped (Relu, Clip) but not quantised, so it is no integer times a scale",
    `Put a quantiser after the Relu or Clip that feeds this node, ${OR_CALIBRATE}`,
  );
}

export function functionOfSum(origin: Origin): Diagnostic {
  return atNode(
    "lower/function-of-sum",
    origin,
    "it is a curved function of sums that are not quantised, whose values are too many for a table",
    `Put a quantiser before it, ${OR_CALIBRATE}`,
  );
}

export function undefinedValue(origin: Origin, element: number): Diagnostic {
  return atNode(
    "lower/undefined-value",
    origin,
    `it has no finite value for the stored integer ${element}, which can occur at its input`,
    "Check the function's domain: square roots and powers of negative numbers, division by zero.",
  );
}

export function fillOffGrid(origin: Origin, fill: number): Diagnostic {
  return atNode(
    "lower/fill-off-grid",
    origin,
    `it fills with ${fill}, which is no value of its input's grid`,
    "Quantise after the padding, or fill with a value that the quantiser has.",
  );
}

export function scalesDiffer(origin: Origin): Diagnostic {
  return atNode(
    "lower/scales-differ",
    origin,
    "it joins tensors with different scales along an axis other than the channels",
    "Quantise its operands alike, or its output.",
  );
}

export function embeddingTable(origin: Origin, table: string): Diagnostic {
  return errorDiagnostic(
    "lower/embedding-table",
    { node: nodeLabel(origin), tensor: table },
    "the entries of the table are not integers of at most 8 bits times one scale",
    "Quantise the table with one scale before the export.",
  );
}

export function embeddingInput(origin: Origin): Diagnostic {
  return atNode(
    "lower/embedding-input",
    origin,
    "its row numbers are not the model's own integer input",
    "Feed the row numbers as the model's input.",
  );
}

export function apartInMemory(origin: Origin): Diagnostic {
  return atNode(
    "lower/apart-in-memory",
    origin,
    "one of its operands was reshaped or transposed, and both have a scale for each channel",
    "Quantise one of them, with one scale, before it is reshaped or transposed.",
  );
}

export function notPerChannel(origin: Origin, constant: string): Diagnostic {
  return errorDiagnostic(
    "lower/not-per-channel",
    { node: nodeLabel(origin), tensor: constant },
    "its constant is neither one number nor one for each channel",
    "Use a scalar or a per-channel constant.",
  );
}

export function divisionByZero(origin: Origin, constant: string): Diagnostic {
  return errorDiagnostic(
    "lower/division-by-zero",
    { node: nodeLabel(origin), tensor: constant },
    "its divisor contains a zero",
    "Check the exported constant.",
  );
}

export function negativeAfterPool(origin: Origin): Diagnostic {
  return atNode(
    "lower/negative-after-pool",
    origin,
    "a negative factor follows a MaxPool of unquantised values whose own scale is negative too",
    "Quantise before the MaxPool.",
  );
}

export function inputNotQuantised(origin: Origin): Diagnostic {
  return atNode(
    "lower/input-not-quantised",
    origin,
    "it works on the model's float input, which no quantiser has turned into integers",
    `Export the model with a quantiser at its input, ${OR_CALIBRATE}`,
  );
}

export function inputQuantisedTwice(origin: Origin): Diagnostic {
  return atNode(
    "lower/input-quantised-twice",
    origin,
    "the float input is quantised in two different ways, so it has no single integer form",
    "Quantise the input once, and let every branch read that.",
  );
}

export function perChannelZeroPoints(origin: Origin): Diagnostic {
  return atNode(
    "lower/per-channel-zero-points",
    origin,
    "its zero points differ from channel to channel",
    "Use one zero point for the tensor.",
  );
}

export function accumulatorOverflow(origin: Origin, low: number, high: number): Diagnostic {
  return atNode(
    "lower/accumulator-overflow",
    origin,
    `its accumulator can reach [${low}, ${high}], beyond 30 bits and a sign`,
    `Use fewer inputs or narrower weights in this layer; if its input is not quantised, quantise it, ${OR_CALIBRATE}`,
  );
}

export function fallingSteps(origin: Origin, values: number): Diagnostic {
  return atNode(
    "lower/falling-steps",
    origin,
    "a negative scale turns its quantiser round, whose steps are not all of one width, " +
      `and its ${values} possible accumulators are too many for a table`,
    "Use rounding mode ROUND or FLOOR, or a positive scale.",
  );
}

export function headInside(origin: Origin): Diagnostic {
  return atNode(
    "lower/head-inside",
    origin,
    "it is only supported as the last node of the model",
    "Cut the model after this node.",
  );
}

export function noPlace(origin: Origin, shape: readonly number[]): Diagnostic {
  return errorDiagnostic(
    "lower/shape",
    { node: nodeLabel(origin), shape },
    "tensors of this shape have no height, width and channels",
    "Use [1, C], [1, T, C] or [1, C, H, W].",
  );
}
