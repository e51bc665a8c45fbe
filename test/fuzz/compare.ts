import { DiagnosticError } from "../../src/diagnostics.js";
import { type Network, type StorageType, tensorAt } from "../../src/network/types.js";
import type { TensorData } from "../../src/simulate/float.js";
import { createSimulator } from "../../src/simulate/index.js";
import { buildPrograms } from "../../src/verify/build.js";
import { decodeTensor, encodeTensor, type Subject } from "../../src/verify/index.js";
import { runProgram } from "../../src/verify/run.js";
import { readOutputs } from "../../src/verify/tensors.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import { withWorkFolder, writeRunFolder, writeSources } from "../../src/verify/workspace.js";
import { amalgamate, HEAD_BYTES, type Plant } from "./amalgam.js";
import type { Bench } from "./bench.js";
import { type Planning, planFor } from "./planning.js";

/** A network and the inputs it is tried with. */
export interface Trial {
  readonly network: Network;
  readonly inputs: readonly TensorData[];
  readonly planning: Planning;
}

/** `refused`: no kernel computes it, or the board is too small for it. All but two are failures. */
export type Outcome =
  | { readonly kind: "equal" | "refused" }
  | {
      readonly kind:
        | "different"
        | "overrun"
        | "fault"
        | "does-not-compile"
        | "does-not-link"
        | "out-of-range"
        | "crash";
      readonly detail: string;
      /** Index of the input that shows it, where one does. */
      readonly input: number | null;
    };

export type Failure = Exclude<Outcome, { readonly kind: "equal" | "refused" }>;

export function isFailure(outcome: Outcome): outcome is Failure {
  return outcome.kind !== "equal" && outcome.kind !== "refused";
}

const AS_IT_IS: Plant = (source) => source;

/** Runs of one program whose report may lack its end. */
const MOST_LOST = 2;

const SILENCE_LIMIT_MS = 120_000;

/**
 * What the C of each network does on a bench, beside the simulator. One program runs them all; where
 * it does not build, each half is tried alone, and a network that ends the program is left out.
 */
export async function compareAll(
  trials: readonly Trial[],
  bench: Bench,
  plant: Plant = AS_IT_IS,
): Promise<Outcome[]> {
  const expected = trials.map(simulate);
  const outcomes = trials.map((trial, i) => {
    const values = expected[i];
    return values === undefined || "kind" in values ? values : compilable(trial, bench);
  });
  const able = trials.flatMap((trial, index) => {
    const values = expected[index];
    if (outcomes[index] !== undefined || values === undefined || "kind" in values) return [];
    return [{ trial, index, expected: values }];
  });
  const compared = await compareBuilt(able, bench, plant);
  for (const [i, { index }] of able.entries()) outcomes[index] = compared[i];
  return outcomes.map((outcome) => outcome ?? { kind: "equal" });
}

interface Expectation {
  readonly trial: Trial;
  readonly expected: readonly Int32Array[];
}

/** The outputs of every input; or the tensor that leaves its proved range. */
function simulate({ network, inputs }: Trial): Int32Array[] | Failure {
  const simulator = createSimulator(network);
  const outputs: Int32Array[] = [];
  for (const [input, values] of inputs.entries()) {
    outputs.push(bitsOf(simulator.run(values)));
    for (const [i, tensor] of simulator.trace().entries()) {
      const layer = network.layers[i];
      const made = layer && tensorAt(network, layer.output);
      if (made === undefined || made.type === "float32") continue;
      const { low, high } = made.range;
      const outside = tensor.find((value) => value < low || value > high);
      if (outside === undefined) continue;
      const detail = `${layer?.name} makes ${outside}, outside [${low}, ${high}]`;
      return { kind: "out-of-range", detail, input };
    }
  }
  return outputs;
}

/** Integers as they are, and the bits of float32, one and the same for everything that is NaN. */
export function bitsOf(values: TensorData): Int32Array {
  if (values instanceof Int32Array) return values.slice();
  const bits = new Int32Array(Float32Array.from(values).buffer);
  return bits.map((bit, i) => (Number.isNaN(values[i]) ? NAN_BITS : bit));
}

/** IEEE 754 leaves the sign and the payload of a NaN to the processor. */
const NAN_BITS = 0x7fc00000;

/** What `bitsOf` gives, of numbers that the C stored. */
function decoded(bytes: Uint8Array, elements: number, type: StorageType): Int32Array {
  const bits = decodeTensor(bytes, HEAD_BYTES, elements, type);
  return type === "float32" ? bitsOf(new Float32Array(bits.buffer)) : bits;
}

function compilable({ network, planning }: Trial, { configuration }: Bench): Outcome | undefined {
  try {
    planFor(network, configuration.target, planning);
    return undefined;
  } catch (error) {
    if (error instanceof DiagnosticError) return { kind: "refused" };
    return { kind: "crash", detail: String(error), input: null };
  }
}

const UNBUILT: readonly string[] = [
  "verify/does-not-compile",
  "verify/does-not-link",
  "verify/does-not-fit",
];

async function compareBuilt(
  trials: readonly Expectation[],
  bench: Bench,
  plant: Plant,
): Promise<Outcome[]> {
  if (trials.length === 0) return [];
  try {
    return await withWorkFolder("fuzz", undefined, (folder) =>
      compareIn(folder, trials, bench, plant),
    );
  } catch (error) {
    const code = codeOf(error);
    if (code === null || !UNBUILT.includes(code)) throw error;
    if (trials.length === 1) {
      if (code === "verify/does-not-fit") return [{ kind: "refused" }];
      const kind = code === "verify/does-not-link" ? "does-not-link" : "does-not-compile";
      return [{ kind, detail: String(error), input: null }];
    }
    const half = Math.ceil(trials.length / 2);
    const first = await compareBuilt(trials.slice(0, half), bench, plant);
    return [...first, ...(await compareBuilt(trials.slice(half), bench, plant))];
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof DiagnosticError ? (error.diagnostics[0]?.code ?? null) : null;
}

async function compareIn(
  folder: string,
  trials: readonly Expectation[],
  bench: Bench,
  plant: Plant,
): Promise<Outcome[]> {
  const { configuration } = bench;
  const { target } = configuration;
  const subject = amalgamate(
    trials.map(({ trial }) => trial),
    target,
    plant,
  );
  await writeSources(folder, subject, target);
  const toolchain = await requireToolchain(configuration, process.env);
  const limits = { silenceLimitMs: SILENCE_LIMIT_MS, signal: undefined };
  const settings = { subject, configuration, toolchain, folder, ...limits };
  const [path = ""] = await buildPrograms(settings, ["plain"]);
  const outcomes: (Outcome | undefined)[] = trials.map(() => undefined);
  let lost = 0;
  for (;;) {
    const records = trials.flatMap(({ trial, expected }, index) =>
      outcomes[index] !== undefined
        ? []
        : trial.inputs.map((input, i) => ({ index, trial, input, i, expected: expected[i] })),
    );
    if (records.length === 0) break;
    const inputs = encodeRecords(records, subject);
    const vectors = { count: records.length, inputs, expected: new Int32Array(), trace: () => [] };
    const range = { first: 0, count: records.length };
    const run = await writeRunFolder(folder, "run", subject, vectors, range);
    let done = 0;
    try {
      const onVector = () => done++;
      await runProgram({ configuration, toolchain, ...limits, onVector }, path, run, "run");
    } catch (error) {
      const record = records[done];
      if (!(error instanceof DiagnosticError)) throw error;
      if (record === undefined) {
        // Every vector ran: on a busy computer an emulator may lose the end of what is printed.
        if (++lost > MOST_LOST) throw error;
        continue;
      }
      outcomes[record.index] = { kind: "fault", detail: String(error), input: record.i };
      continue;
    }
    const bytes = Uint8Array.from(
      await readOutputs(target.id, run, subject.output, records.length),
    );
    for (const [at, record] of records.entries()) {
      const from = at * subject.output.elements;
      const made = bytes.subarray(from, from + subject.output.elements);
      outcomes[record.index] = worse(outcomes[record.index], judge(record, made));
    }
  }
  return outcomes.map((outcome) => outcome ?? { kind: "equal" });
}

interface Record {
  readonly index: number;
  readonly trial: Trial;
  readonly input: TensorData;
  /** Its index among the trial's inputs. */
  readonly i: number;
  readonly expected: Int32Array | undefined;
}

function encodeRecords(records: readonly Record[], { input: format }: Subject): Uint8Array {
  const bytes = new Uint8Array(records.length * format.elements);
  for (const [at, { index, trial, input }] of records.entries()) {
    const { type } = tensorAt(trial.network, trial.network.input.tensor);
    const start = at * format.elements;
    bytes.set([index & 255, index >> 8, (at * 37) & 255], start);
    bytes.set(encodeTensor(bitsOf(input), type), start + HEAD_BYTES);
  }
  return bytes;
}

function judge({ trial, i, expected }: Record, bytes: Uint8Array): Outcome {
  const { network } = trial;
  const { type } = tensorAt(network, network.output.tensor);
  if (bytes[0] !== 0) {
    return { kind: "overrun", detail: "it writes behind its output or its arena", input: i };
  }
  const values = expected ?? new Int32Array();
  const actual = decoded(bytes, values.length, type);
  const element = values.findIndex((value, e) => value !== actual[e]);
  if (element < 0) return { kind: "equal" };
  const detail = `output ${element} is ${actual[element]}, not ${values[element]}`;
  return { kind: "different", detail, input: i };
}

function worse(a: Outcome | undefined, b: Outcome): Outcome {
  return a === undefined || !isFailure(a) ? b : a;
}
