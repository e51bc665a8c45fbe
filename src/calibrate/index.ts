import { type Diagnostic, fail } from "../diagnostics.js";
import { createEvaluator } from "../float/evaluate.js";
import { checkGraph } from "../graph/check.js";
import type { Graph } from "../graph/types.js";
import type { ModelInputs } from "../simulate/batch.js";
import { constantActivation, notFinite } from "./diagnostics.js";
import { insertQuantizers } from "./insert.js";
import { type Costs, measureCosts } from "./measure.js";
import { type Place, placesOf } from "./places.js";
import { chooseScale, type Scale, type ScaleChoice } from "./scale.js";
import { correctShifts } from "./shift.js";
import { Gatherer } from "./statistics.js";
import { type QuantizedWeights, quantizeWeights } from "./weights.js";

export type { Method, ScaleChoice } from "./scale.js";

/** What calibration did, and what it costs. */
export interface Calibration extends ScaleChoice, Costs {
  /** Inputs that scales were chosen from. */
  readonly inputs: number;
  readonly weights: readonly QuantizedWeights[];
  /** Channels of products whose bias takes back a mean shift that the quantisers cause. */
  readonly corrected: number;
}

/** From this many inputs on, every other one is kept to measure with. */
const ENOUGH = 64;

/**
 * Gives a Graph with float activations the 8-bit quantisers that lowering needs, with scales for what
 * the float model makes of the inputs. Float weights that lie on no grid become 8-bit integers.
 *
 * @param inputs in the model's own order and type
 * @throws DiagnosticError `lower/calibration-not-finite`
 */
export function calibrate(
  graph: Graph,
  inputs: ModelInputs,
  choice: ScaleChoice,
): { graph: Graph; calibration: Calibration; remarks: Diagnostic[] } {
  const { graph: weighed, quantized } = quantizeWeights(graph);
  const [chosen, measured] = inputs.count < ENOUGH ? [inputs, inputs] : halves(inputs);
  const places = placesOf(weighed);
  const gatherers = gather(weighed, places, chosen);
  const scales = new Map<string, Scale>();
  const remarks: Diagnostic[] = [];
  for (const [place, gatherer] of gatherers) {
    const [tensor = ""] = place;
    if (!gatherer.finite) fail(notFinite(tensor));
    const { statistics } = gatherer;
    if (statistics.low === statistics.high) {
      remarks.push(constantActivation(tensor, statistics.low));
    }
    const scale = chooseScale(statistics, choice);
    for (const name of place) scales.set(name, scale);
  }
  const quantizedGraph = insertQuantizers(weighed, scales);
  const { graph: calibrated, corrected } = correctShifts(graph, quantizedGraph, chosen);
  checkGraph(calibrated, "calibration");
  const costs = measureCosts(graph, calibrated, scales, measured);
  return {
    graph: calibrated,
    calibration: { ...choice, ...costs, inputs: chosen.count, weights: quantized, corrected },
    remarks,
  };
}

/** Ranges first, then histograms of those ranges. */
function gather(
  graph: Graph,
  places: readonly Place[],
  { count, data }: ModelInputs,
): Map<Place, Gatherer> {
  const { run, values } = createEvaluator(graph, "float32");
  const gatherers = new Map(places.map((place) => [place, new Gatherer()]));
  const size = data.length / count;
  for (const pass of ["addRange", "addCounts"] as const) {
    for (let i = 0; i < count; i++) {
      run(data.subarray(i * size, (i + 1) * size));
      for (const [place, gatherer] of gatherers) {
        for (const tensor of place) gatherer[pass](values.get(tensor) ?? new Float32Array());
      }
    }
  }
  return gatherers;
}

/** Every other input, from the first and from the second on. */
function halves({ count, data }: ModelInputs): [ModelInputs, ModelInputs] {
  const size = data.length / count;
  const from = (first: number): ModelInputs => {
    const kept = Math.ceil((count - first) / 2);
    const half = new Float64Array(kept * size);
    for (let i = 0; i < kept; i++) {
      const at = (first + 2 * i) * size;
      half.set(Array.from(data.subarray(at, at + size)), i * size);
    }
    return { count: kept, data: half };
  };
  return [from(0), from(1)];
}
