import { Fields, isList, type Json } from "../json.js";
import { UnsupportedForm } from "../unsupported.js";

/** A quantiser or activation of a configuration: its name and what it was called with. */
export interface Called {
  /** As the file spells it, for people. */
  readonly text: string;
  /** Without package, in lower case, without underscores: `SteTern` and `ste_tern` are one. */
  readonly key: string;
  readonly fields: Fields;
}

/** Parameters of QKeras' quantisers in order, for calls without their names. */
const POSITIONS: Readonly<Record<string, readonly string[]>> = {
  quantizedbits: ["bits", "integer", "symmetric", "keep_negative", "alpha"],
  quantizedrelu: ["bits", "integer", "use_sigmoid", "negative_slope"],
  quantizedtanh: ["bits", "use_stochastic_rounding", "symmetric", "use_real_tanh"],
  quantizedsigmoid: ["bits", "symmetric", "use_real_sigmoid"],
  ternary: ["alpha", "threshold"],
  stochasticternary: ["alpha", "threshold"],
  binary: ["use_01", "alpha"],
  stochasticbinary: ["alpha"],
};

/**
 * A function as configurations write it: a name (`"ste_sign"`), a call (QKeras:
 * `"quantized_relu(4,2)"`), or an object with `class_name` and `config`. Null for none.
 */
export function calledOf(value: Json | undefined): Called | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return parseCall(value);
  const fields = Fields.of(value, "a function");
  const config = fields.raw("config");
  // Keras 3 wraps plain functions: {"class_name": "function", "config": "relu"}.
  if (typeof config === "string") return parseCall(config);
  const name = fields.text("class_name");
  return {
    text: name,
    key: keyOf(name),
    fields: config === undefined ? new Fields({}) : Fields.of(config, name),
  };
}

function parseCall(text: string): Called {
  const [, name, list] = /^\s*([\w.>]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text) ?? [];
  if (name === undefined)
    throw new UnsupportedForm(`has ${JSON.stringify(text.slice(0, 60))} as a function`);
  const key = keyOf(name);
  const given: Record<string, Json> = {};
  for (const [i, argument] of (list ?? "").split(",").entries()) {
    if (argument.trim() === "") continue;
    const [, own, value = ""] = /^\s*(?:(\w+)\s*=)?\s*(.*?)\s*$/.exec(argument) ?? [];
    // Of a function that is not known, the caller says so.
    const parameter = own ?? (POSITIONS[key] === undefined ? `${i}` : POSITIONS[key][i]);
    if (parameter === undefined)
      throw new UnsupportedForm(`has ${text}, whose arguments are not known`);
    given[parameter] = literal(value, text);
  }
  return { text, key, fields: new Fields(given) };
}

/** A literal of Python. */
function literal(value: string, text: string): Json {
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(value);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? "";
  if (value === "None") return null;
  if (value === "True" || value === "False") return value === "True";
  const number = Number(value);
  if (value !== "" && Number.isFinite(number)) return number;
  throw new UnsupportedForm(`has ${text}, of whose arguments ${value} is no literal`);
}

function keyOf(name: string): string {
  return name
    .replace(/^.*[>.]/, "")
    .replaceAll("_", "")
    .toLowerCase();
}

/** The scale factor `alpha` of QKeras: a number, or computed from the weights. */
export function alphaOf(fields: Fields): number | "auto" | "auto_po2" | null {
  const alpha = fields.raw("alpha");
  if (alpha === undefined) return null;
  if (alpha === "auto" || alpha === "auto_po2") return alpha;
  // NumPy arrays of one element become lists.
  const number = isList(alpha) && alpha.length === 1 ? alpha[0] : alpha;
  if (typeof number === "number") {
    const factor = Math.fround(number);
    if (Number.isFinite(factor) && factor !== 0) return factor;
  }
  throw new UnsupportedForm(`has an alpha of ${JSON.stringify(alpha).slice(0, 60)}`);
}
