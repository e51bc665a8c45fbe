import { readdirSync, readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { readHdf5 } from "../../src/read/hdf5/index.js";
import { readModel } from "../../src/read/index.js";
import { type Json, parseJson } from "../../src/read/json.js";
import { kerasNetwork } from "../../src/read/keras/index.js";
import { LIMITS } from "../../src/read/limits.js";
import { type Random, seeded } from "../support/random.js";
import { mutated, mutatedJson } from "./mutations.js";

/**
 * Every reader on changed and cut-off real files. Each case must end, soon, in a graph or in
 * diagnostics; memory stays below what `LIMITS` says. TRITC_SEED gives other cases, TRITC_CASES
 * another share of their numbers.
 */
const SEED = Number(process.env.TRITC_SEED ?? 1);
const SHARE = Number(process.env.TRITC_CASES ?? 1);

/** A case takes milliseconds, or the HDF5 library's limits on a machine that is busy otherwise. */
const SLOWEST_MS = LIMITS.hdf5StartMilliseconds + LIMITS.hdf5Milliseconds;
/** The HDF5 library's memory, what an ONNX model may hold, one tensor more, and this test's own. */
const MOST_MEMORY = LIMITS.hdf5Memory + LIMITS.heldBytes + 8 * LIMITS.elements + 2 ** 29;

const MODELS = "test/models";
const none = () => undefined;

const counts: Record<string, { cases: number; read: number; codes: Set<string> }> = {};

function fuzz(format: string, cases: number, attempt: (random: Random) => void): void {
  const random = seeded(SEED);
  const count = { cases: Math.ceil(cases * SHARE), read: 0, codes: new Set<string>() };
  counts[format] = count;
  for (let n = 0; n < count.cases; n++) {
    const start = performance.now();
    try {
      attempt(random);
      count.read++;
    } catch (error) {
      if (!(error instanceof DiagnosticError)) {
        throw new Error(`${format}, seed ${SEED}, case ${n}`, { cause: error });
      }
      expect(error.diagnostics.length).toBeGreaterThan(0);
      for (const { code, message } of error.diagnostics) {
        expect(code).toMatch(/^read\//);
        expect(message).not.toContain("undefined");
        count.codes.add(code);
      }
    }
    expect(performance.now() - start, `${format}, seed ${SEED}, case ${n}`).toBeLessThan(
      SLOWEST_MS,
    );
  }
  // A fuzzer whose cases all fail at once, or all succeed, tests little.
  expect(count.codes.size).toBeGreaterThan(0);
  expect(count.read).toBeGreaterThan(0);
}

const fileOf = (path: string): Uint8Array => new Uint8Array(readFileSync(`${MODELS}/${path}`));

describe("changed files are read or diagnosed", () => {
  test("ONNX", () => {
    const files = readdirSync(MODELS)
      .filter((name) => name.endsWith(".onnx"))
      .map(fileOf)
      .filter(({ length }) => length < 20_000);
    fuzz("ONNX", 8000, (random) => {
      readModel(mutated(random.pick(files), random), "m.onnx", none);
    });
  });

  test("zip and .npz", () => {
    const file = new Uint8Array(readFileSync("examples/ternary-layer/chain.npz"));
    const entries = Object.entries(unzipSync(file));
    fuzz(".npz", 5000, (random) => {
      if (random.integer(0, 1) === 0) {
        readModel(mutated(file, random), "m.npz", none);
        return;
      }
      // The archive whole, what is in it changed, or its names.
      const changed = entries.map(([name, data]): [string, Uint8Array] => {
        const other = random.integer(0, 9) === 0 ? `${random.pick(entries)[0]}` : name;
        return [other, random.integer(0, 3) === 0 ? mutated(data, random) : data];
      });
      readModel(zipSync(Object.fromEntries(changed), { level: 0 }), "m.npz", none);
    });
  });

  test("safetensors and their architecture", () => {
    const file = fileOf("safetensors/bitlinear.safetensors");
    const architecture = jsonOf(fileOf("safetensors/bitlinear.json"));
    fuzz("safetensors", 5000, (random) => {
      const changeTensors = random.integer(0, 1) === 0;
      const tensors = changeTensors ? mutated(file, random) : file;
      const json = changeTensors ? architecture : mutatedJson(architecture, random);
      const text = new TextEncoder().encode(JSON.stringify(json));
      readModel(tensors, "m.safetensors", (name) => (name === "m.json" ? text : undefined));
    });
  });

  test("Keras configurations", () => {
    const models = [
      ["keras/larq_signal.json", "keras/larq_signal_weights.h5"],
      ["keras/ternary_net.json", "keras/ternary_net_weights.h5"],
      ["keras/keras3_signal.json", "keras/keras3_signal.weights.h5"],
    ].map(([json = "", weights = ""]) => ({
      json: jsonOf(fileOf(json)),
      tree: readHdf5(fileOf(weights), []),
    }));
    // Models inside a model.
    const nested = unzipSync(fileOf("keras/larq_nested.keras"));
    const [config, weights] = [nested["config.json"], nested["model.weights.h5"]];
    if (config === undefined || weights === undefined) throw new Error("no .keras archive");
    models.push({ json: jsonOf(config), tree: readHdf5(weights, []) });
    fuzz("Keras JSON", 5000, (random) => {
      const { json, tree } = random.pick(models);
      kerasNetwork(mutatedJson(json, random), tree);
    });
  });

  test("HDF5", () => {
    const files = ["keras/keras3_signal.weights.h5", "keras/larq_signal_weights.h5"].map(fileOf);
    fuzz("HDF5", 700, (random) => {
      const tree = readHdf5(mutated(random.pick(files), random), []);
      expect(tree.groups.size).toBeGreaterThan(0);
    });
  });

  test(".keras", () => {
    const file = fileOf("keras/keras3_image.keras");
    const entries = unzipSync(file);
    fuzz(".keras", 400, (random) => {
      const name = random.pick(Object.keys(entries));
      const data = entries[name] ?? new Uint8Array();
      const whole = random.integer(0, 3) === 0;
      const changed = whole
        ? mutated(file, random)
        : zipSync({ ...entries, [name]: mutated(data, random) });
      readModel(changed, "m.keras", none);
    });
  });
});

function jsonOf(bytes: Uint8Array): Json {
  const json = parseJson(new TextDecoder().decode(bytes));
  if (json === undefined) throw new Error("no JSON");
  return json;
}

afterAll(() => {
  const all = Object.values(counts).reduce((sum, { cases }) => sum + cases, 0);
  const lines = Object.entries(counts).map(
    ([format, { cases, read, codes }]) =>
      `  ${format}: ${cases}, ${read} read, ${codes.size} codes`,
  );
  console.info(`fuzzed ${all} files with seed ${SEED}\n${lines.join("\n")}`);
  // In kibibytes, the most that this process ever held.
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MOST_MEMORY);
});
