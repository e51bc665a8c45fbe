import type { Quantizer, Rounding } from "../../src/graph/types.js";
import type { WeightKind } from "../../src/network/types.js";
import { ACTIVATIONS } from "../../src/read/keras/activations.js";
import { LARQ_RULES } from "../../src/read/keras/larq.js";
import { ALTERNATIVES, LAYERS } from "../../src/read/keras/layers.js";
import { QKERAS_RULES } from "../../src/read/keras/qkeras.js";
import { ELEMENT_TYPES } from "../../src/read/onnx/element-types.js";
import type { Operator, OperatorTable } from "../../src/read/onnx/operator.js";
import { OPERATORS, OPSETS, UNREAD_OPERATORS } from "../../src/read/onnx/operators.js";
import { LAYER_TYPES } from "../../src/read/safetensors/layers.js";
import { RULES } from "../../src/read/safetensors/rules.js";
import { type Refusal, refusalsBelow } from "./refusals.js";

/** What kinds of weights the Network has. */
const WEIGHTS: Readonly<Record<WeightKind, string>> = {
  binary: "-s, +s",
  ternary: "-s, 0, +s",
  int4: "-8 s to 7 s",
  int8: "-128 s to 127 s",
};

const QUANTIZERS: Readonly<Record<Quantizer["kind"], string>> = {
  uniform:
    "a scale and a zero point; levels up to 16 bits; the scale per tensor or per channel, static",
  bipolar: "-1 below 0, +1 from 0 on",
  sign: "-1, 0, +1",
  thresholds: "the number of thresholds reached; a list of them for all channels or for each",
};

const ROUNDINGS: Readonly<Record<Rounding, string>> = {
  "half-even": "to the nearest integer, ties to the even one",
  floor: "down",
  ceil: "up",
  "toward-zero": "towards zero",
};

/** SUPPORTED.md: everything below is printed from the tables that reader and lowering work with. */
export function supportedPage(): string {
  return `${[
    "# What is supported",
    "Written by `npm run supported` from the tables that the readers work with and the diagnostics " +
      "that lowering refuses with; a test fails when this page is not what they say. A model with " +
      "anything else is refused as a whole, naming every node at fault and what to do about it.",
    "## ONNX operators",
    `Operator sets ${OPSETS.oldest} to ${OPSETS.newest}; later ones are read with a warning. ` +
      `Element types: ${Object.keys(ELEMENT_TYPES).join(", ")}. ` +
      'Where "constants" stands, the operator is computed while the model is read, as quantisers of ' +
      "weights and computations of shapes are.",
    ...operatorTables(),
    "### What to do about others",
    table(["operator", "instead"], Object.entries(UNREAD_OPERATORS)),
    "## Keras, Larq and QKeras",
    `Layers: ${list(LAYERS)}.`,
    `Activations: ${list(ACTIVATIONS)}.`,
    `Kernel quantisers: of Larq ${list(LARQ_RULES)}; of QKeras ${list(QKERAS_RULES)}. ` +
      "Names are compared without capitals and underscores.",
    table(["layer", "instead"], Object.entries(ALTERNATIVES)),
    "## safetensors with an architecture file",
    `Layers: ${list(LAYER_TYPES)}.`,
    table(
      ["rule for latent weights", "what it does"],
      Object.entries(RULES).map(([name, { text }]) => [name, text]),
    ),
    "## NumPy .npz",
    "Chains of dense ternary layers with signs between them: [docs/formats.md](docs/formats.md).",
    "## Weights",
    "A scale s for the tensor or for each output channel; kinds mix freely, and a layer is ternary " +
      "whatever its file stores.",
    table(["kind", "values"], Object.entries(WEIGHTS)),
    "## Quantisers of activations",
    table(["kind", "levels"], Object.entries(QUANTIZERS)),
    table(["rounding", "how"], Object.entries(ROUNDINGS)),
    "## What lowering refuses",
    table(
      ["code", "why", "what to do"],
      refusalsBelow("src/network/lower").map(({ code, message, hint }: Refusal) => [
        code,
        message,
        hint,
      ]),
    ),
  ].join("\n\n")}\n`;
}

/** One table for each set of operators, under all domains that it goes by. */
function operatorTables(): string[] {
  const domains = new Map<OperatorTable, string[]>();
  for (const [domain, operators] of Object.entries(OPERATORS)) {
    domains.set(operators, [...(domains.get(operators) ?? []), domain || "ai.onnx"]);
  }
  return Array.from(domains, ([operators, names]) => [
    `### ${names.map((name) => `\`${name}\``).join(", ")}`,
    table(
      ["operator", "read", "limits"],
      Object.entries(operators)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, operator]) => [name, readOf(operator), operator.limits]),
    ),
  ]).flat();
}

function readOf({ translate, evaluate, expand }: Operator): string {
  if (expand !== undefined) return "as others";
  if (translate === undefined) return "constants";
  return evaluate === undefined ? "run time" : "run time, constants";
}

function list(entries: Readonly<Record<string, unknown>>): string {
  return Object.keys(entries)
    .map((name) => `\`${name}\``)
    .join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
