import type { Calibrated } from "../compile.js";
import { calibrationText } from "./calibration.js";
import { inputText, outputText } from "./encoding.js";
import type { NetworkFacts, NetworkLayerFacts } from "./facts.js";
import { exactness, integer, interval, percent, plural, shape } from "./format.js";
import { indent, left, right, table } from "./table.js";

/** The file that a report is about. */
export interface ModelSource {
  /** File name without folders. */
  readonly file: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly hash: string;
}

/** What `inspect --json` prints, besides the fields that all commands have. */
export interface InspectReport {
  readonly model: ModelSource;
  readonly network: NetworkFacts;
  readonly calibration: Calibrated | null;
}

/** The network layer by layer. */
export function inspectText({ model, network, calibration }: InspectReport): string {
  const { layers, total, input, output } = network;
  const kinds = [...new Set(layers.flatMap((l) => (l.weights === null ? [] : [l.weights.kind])))];
  const rest =
    `${plural(total.weights, "weight")} (${kinds.join(", ")}), ` +
    `${plural(total.macs, "multiply-accumulate")} an inference`;
  return [
    `${model.file}: ${plural(layers.length, "layer")}, ${rest}`,
    "",
    `input   ${inputText(input)}`,
    `output  ${outputText(output)}`,
    "",
    layersText(layers),
    "",
    total.exact
      ? "Every requantisation between layers equals exact arithmetic on the model's own constants."
      : "Not every requantisation between layers equals exact arithmetic: see above.",
    ...(total.floatLayers === 0
      ? []
      : ["Float32 is computed operation by operation, with the same bits on every core."]),
    ...(calibration === null ? [] : ["", calibrationText(calibration)]),
  ].join("\n");
}

const COLUMNS = [
  left("layer"),
  left("kind"),
  right("weights"),
  left(""),
  right("zeros"),
  right("accumulator"),
  left("output"),
  left("requantisation"),
];

/** Below each layer's line stand the nodes of the model file that it does the work of. */
function layersText(layers: readonly NetworkLayerFacts[]): string {
  const [titles = "", ...lines] = table(COLUMNS, layers.map(layerCells)).split("\n");
  const described = lines.flatMap((line, i) => {
    const nodes = layers[i]?.nodes ?? [];
    return nodes.length === 0 ? [line] : [line, indent(`from ${nodes.join(", ")}`)];
  });
  return [titles, ...described].join("\n");
}

function layerCells(layer: NetworkLayerFacts): string[] {
  const { name, kind, weights, accumulator, output } = layer;
  return [
    name,
    kind,
    weights === null ? "" : integer(weights.count),
    weights?.kind ?? "",
    weights === null ? "" : percent(weights.sparsity),
    accumulator === null ? "" : interval({ low: accumulator[0], high: accumulator[1] }),
    `${output.type} ${shape(output.shape)}`,
    requantisation(layer),
  ];
}

function requantisation(layer: NetworkLayerFacts): string {
  const { requantization, exactness: exact, floatOperations } = layer;
  if (floatOperations !== null) return plural(floatOperations, "float32 operation");
  if (requantization === null) return "";
  if (requantization === "none" || exact === null) return "none";
  return `${requantization}, ${exactness(exact)}`;
}
