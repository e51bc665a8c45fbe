import { type Diagnostic, DiagnosticError, fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { nodeLabel, tooLargeFile, type Unsupported, unsupportedOperators } from "../diagnostics.js";
import { Fields, type Json, parseJson } from "../json.js";
import { Assembly, type Flow } from "../layers/assembly.js";
import { LIMITS } from "../limits.js";
import { demandSize } from "../onnx/tensor.js";
import type { ReadResult } from "../result.js";
import { UnsupportedForm } from "../unsupported.js";
import { badArchitecture, noArchitecture, noTensorFile, outsideFolder } from "./diagnostics.js";
import { openSafetensors, type TensorFile } from "./file.js";
import { LAYER_TYPES } from "./layers.js";

type LoadBeside = (name: string) => Uint8Array | undefined;

/** The `format` of architecture files. */
export const ARCHITECTURE = "tritc-architecture";

/** Tensors whose architecture is beside them, as `x.json` beside `x.safetensors`. */
export function readSafetensors(bytes: Uint8Array, file: string, load: LoadBeside): ReadResult {
  const stem = file.replace(/\.safetensors$/i, "");
  const names = [`${stem}.json`, `${stem}.architecture.json`, "architecture.json"];
  const tensors = openSafetensors(bytes);
  for (const name of names) {
    const text = load(name);
    if (text === undefined) continue;
    if (text.length > LIMITS.jsonBytes) fail(tooLargeFile("the architecture file", text.length));
    const json = parseJson(new TextDecoder().decode(text));
    return readNetwork(json ?? fail(badArchitecture(`${name} is not JSON`)), tensors);
  }
  return fail(noArchitecture(names));
}

/** An architecture file; its field `tensors` names the file beside it, or its own name does. */
export function readArchitecture(json: Json, file: string, load: LoadBeside): ReadResult {
  const stem = file.replace(/(\.architecture)?\.json$/i, "");
  const location = explained(() =>
    Fields.of(json, "the file").text("tensors", `${stem}.safetensors`),
  );
  if (location === "" || /[/\\:\0]/.test(location) || location.startsWith("..")) {
    fail(outsideFolder(location));
  }
  const bytes = load(location) ?? fail(noTensorFile(location));
  return readNetwork(json, openSafetensors(bytes));
}

/** Says a wrong field as a fault of the architecture file. */
function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnsupportedForm) return fail(badArchitecture(error.reason));
    throw error;
  }
}

function readNetwork(json: Json, file: TensorFile): ReadResult {
  const graph = new Assembly();
  const { input, layers } = explained(() => {
    const root = Fields.of(json, "the file");
    const format = root.text("format");
    if (format !== ARCHITECTURE) throw new UnsupportedForm(`has the format ${format}`);
    if (root.whole("version", 1) !== 1) throw new UnsupportedForm("has a version other than 1");
    const shape = [1, ...root.list("input").map(Number)];
    const whole = shape.every((extent) => Number.isSafeInteger(extent) && extent > 0);
    if (!whole || shape.length < 2)
      throw new UnsupportedForm("has no shape of whole numbers as input");
    demandSize(shape, "input");
    const list = root.list("layers");
    if (list.length === 0) throw new UnsupportedForm("has no layers");
    if (list.length > LIMITS.entries) throw new UnsupportedForm(`has ${list.length} layers`);
    return { input: graph.input("input", { shape, type: "real" }), layers: list };
  });
  return { graph: graph.finish(input, addLayers(graph, file, input, layers)), remarks: [] };
}

/** Layer by layer; the first that cannot be read ends it, but unknown types are all said. */
function addLayers(graph: Assembly, file: TensorFile, input: Flow, list: readonly Json[]): Flow {
  const named = new Map<string, Flow>([["input", input]]);
  const unsupported: Unsupported[] = [];
  const others: Diagnostic[] = [];
  let x: Flow | null = input;
  for (const [i, item] of list.entries()) {
    let origin: Origin = { op: "layer", name: `${i}` };
    try {
      const fields = Fields.of(item, `layer ${i}`);
      const op = fields.text("type");
      const name = fields.text("name", `${op}_${i}`);
      origin = { op, name };
      if (!Object.hasOwn(LAYER_TYPES, op)) {
        throw new UnsupportedForm(
          "is not a type of layer",
          `Types: ${Object.keys(LAYER_TYPES).join(", ")}.`,
        );
      }
      if (x === null) continue;
      if (named.has(name)) throw new UnsupportedForm("has the name of another layer");
      const add = LAYER_TYPES[op];
      if (add !== undefined) x = add({ origin, fields, graph, file, x, named });
      named.set(name, x);
    } catch (error) {
      x = null;
      if (error instanceof UnsupportedForm) {
        unsupported.push({ origin, reason: error.reason, hint: error.hint });
      } else if (error instanceof DiagnosticError) {
        const node = nodeLabel(origin);
        others.push(...error.diagnostics.map((d) => ({ ...d, where: { node, ...d.where } })));
      } else {
        throw error;
      }
    }
  }
  const listed = unsupported.length === 0 ? [] : [unsupportedOperators(unsupported)];
  if (x === null) throw new DiagnosticError([...listed, ...others]);
  return x;
}
