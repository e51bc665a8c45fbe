import type { TensorCost } from "../calibrate/measure.js";
import type { Calibrated } from "../compile.js";
import { integer, percent, plural } from "./format.js";
import { indent, left, right, table } from "./table.js";

/** What calibration chose, and what its quantisers cost, tensor by tensor. */
export function calibrationText(calibration: Calibrated): string {
  const { inputs, file, method, percentile, tensors, weights, corrected, output } = calibration;
  const how = method === "percentile" ? `${percentile} % percentile` : method;
  const agreement =
    output.sameClass === null
      ? ""
      : `, the same class for ${integer(output.sameClass)} of ${integer(output.inputs)}`;
  return [
    `calibrated on ${plural(inputs, "input")} of ${file} (${how}); measured on ` +
      `${plural(output.inputs, "input")}: output ${decibels(output.signalToNoise)}${agreement}`,
    table(COLUMNS, tensors.map(tensorCells)),
    ...(corrected === 0
      ? []
      : [indent(`mean shifts of ${plural(corrected, "channel")} are taken back by their biases`)]),
    ...weights.map(({ node, signalToNoise }) =>
      indent(`weights of ${node}: float to 8 bits, ${decibels(signalToNoise)}`),
    ),
  ].join("\n");
}

const COLUMNS = [
  left("tensor"),
  left(""),
  right("scale"),
  right("zero"),
  right("clipped"),
  right("alone"),
  right("in all"),
];

function tensorCells(cost: TensorCost): string[] {
  return [
    cost.tensor,
    cost.type,
    String(Number(cost.scale.toPrecision(4))),
    String(cost.zero),
    percent(cost.saturated),
    decibels(cost.ownSignalToNoise),
    decibels(cost.signalToNoise),
  ];
}

/** Signal over noise. */
function decibels(value: number | null): string {
  return value === null ? "no noise" : `${value.toFixed(1)} dB`;
}
