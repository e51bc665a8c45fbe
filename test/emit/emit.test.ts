import { describe, expect, it } from "vitest";
import { emitC, type Provenance } from "../../src/emit/index.js";
import { layerFunctions } from "../../src/emit/symbols.js";

import { lower } from "../../src/network/lower/index.js";
import { plan } from "../../src/plan/index.js";
import { factsOf } from "../../src/report/facts.js";
import { findTarget } from "../../src/targets/index.js";
import { runNatively } from "../property/native.js";
import { GraphBuilder, uniform } from "../support/graph-builder.js";
import { PLAIN_KERNELS } from "../support/plain-kernels.js";
import { describeWith } from "../verify/toolchains.js";

const PROVENANCE: Provenance = {
  source: "model.onnx",
  hash: "00".repeat(32),
  command: "tritc compile model.onnx",
  version: "0.0.0",
};

/** A convolution, a residual sum and a dense layer, with these names. */
function network(names: readonly [string, string, string]) {
  const g = new GraphBuilder([1, 2, 4, 4], "uint8");
  const x = g.dequantize("x", 0.5, 7);
  const weights = [1, -1, 0, 1, 1, 0, -1, -1];
  const a = g.requantize(
    g.named(names[0], g.conv(x, [2, 2, 1, 2], weights, { pads: [0, 0, 0, 1] })),
    uniform(2),
  );
  const b = g.requantize(g.named(names[1], g.sum(a, x)), uniform(2, { min: 0, max: 255 }));
  const rows = Array.from({ length: 96 }, (_, i) => (i % 3) - 1);
  g.named(names[2], g.dense(g.reshape(b, [1, 32]), [3, 32], rows));
  return lower(g.build()).network;
}

function emitted(names: readonly [string, string, string], provenance = PROVENANCE) {
  const planned = plan(network(names), findTarget("cortex-m4"), { kernels: PLAIN_KERNELS });
  const files = emitC(planned, "m", provenance);
  return { planned, header: files.get("m.h") ?? "", source: files.get("m.c") ?? "" };
}

const PLAIN = ["stem", "join", "head"] as const;

/** The C without its comments; throws if one does not end. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, " ");
}

describe("generated C", () => {
  it("is the same on every run", () => {
    expect(emitted(PLAIN)).toMatchObject({
      header: emitted(PLAIN).header,
      source: emitted(PLAIN).source,
    });
  });

  it("knows no folder and no time", () => {
    const { header, source } = emitted(PLAIN);
    const text = header + source;
    expect(text).not.toContain(process.cwd());
    expect(text).not.toMatch(/\/(home|root|tmp|usr|work)\//);
    expect(text).not.toContain(`${new Date().getFullYear()}`);
  });

  it("claims in its header what the facts say", () => {
    const { planned, header } = emitted(PLAIN);
    const { total } = factsOf(planned);
    expect(header).toContain(`#define M_INPUT_SIZE 32u`);
    expect(header).toContain(`#define M_OUTPUT_SIZE 3u`);
    expect(header).toContain(`#define M_ARENA_SIZE ${planned.arenaBytes}u`);
    expect(header).toContain(`arena    ${total.arenaBytes} B`);
    expect(header).toMatch(new RegExp(`tables   .*\\b${total.tableBytes} B`));
    expect(header).toContain(`${total.weights} weights`);
    expect(header).toContain("#define M_INPUT_ZERO (7)");
    expect(header).toContain("#define M_INPUT_SCALE 0.5f");
    expect(header).toContain("typedef uint8_t m_input_t;");
  });

  it("lays out its arena as the plan says", () => {
    const { planned, source } = emitted(PLAIN);
    const rows = [...source.matchAll(/^ \* +(\d+) \.\. +(\d+) {2}(\w+)(?:, until| of) (\w+)/gm)];
    const ends = rows.map((row) => Number(row[2]));
    expect(Math.max(...ends)).toBeLessThanOrEqual(planned.arenaBytes);
    for (const { shape } of planned.layers) {
      const place = planned.places.get(shape.layer.output);
      if (place?.pointer !== "arena") continue;
      const row = rows.find((r) => r[3] === shape.layer.name && r[0].includes("until"));
      expect([Number(row?.[1]), Number(row?.[2])]).toEqual([
        place.offset,
        place.offset + place.bytes,
      ]);
    }
    const used = [...withoutComments(source).matchAll(/&arena\[(\d+)\]/g)];
    expect(used.length).toBeGreaterThan(0);
    for (const [, offset] of used) expect(Number(offset)).toBeLessThan(planned.arenaBytes);
  });

  it("is ASCII", () => {
    const { header, source } = emitted(["größe", "模型", "é"]);
    expect(header + source).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

/** Names that would end, open or continue a comment, or be seen as C. */
const HOSTILE = ["a*/ int evil; /*", "b*\\", "c??/\n*/ #error no", "run", "*/", "\\\n"] as const;

describe("names from the model", () => {
  it.each(HOSTILE)("%j change comments only", (name) => {
    const hostile = emitted([`stem ${name}`, `join ${name}`, `head ${name}`]);
    const code = withoutComments(hostile.source);
    expect(code).not.toMatch(/int evil|#error|\*\/|\/\*|\\|\?\?/);
    expect(hostile.source).not.toMatch(/\\|\?\?/);
  });

  it("of the file and the command are no code either", () => {
    const source = "a*/ int evil; /*.onnx";
    const { header, source: text } = emitted(PLAIN, { ...PROVENANCE, source, command: source });
    expect(withoutComments(header) + withoutComments(text)).not.toContain("int evil");
  });

  it("give functions that nothing else is called", () => {
    const { planned } = emitted(["run", "stem_weights", "stem"]);
    const names = [
      "run",
      "conv",
      "conv_weights",
      "conv_window",
      "conv_bias",
      "trace",
      "conv_fixed",
    ];
    const codes = planned.layers.map(({ code }) => code);
    const [code] = codes;
    if (code === undefined) throw new Error("no layer");
    const functions = layerFunctions(
      names,
      names.map(() => code),
      "m",
    );
    const others = names.flatMap((layer) =>
      [...code.tables, ...code.structs, ...(code.requantize?.tables ?? [])].map(
        (t) => `m_${layer}_${t.suffix}`,
      ),
    );
    const symbols = [...functions, ...others, "m_run", "m_run_in", "m_trace"];
    expect(new Set(symbols).size).toBe(symbols.length);
    expect(functions[1]).toBe("m_conv");
  });
});

describeWith(["cc"], "C with awkward names", () => {
  it("compiles without a warning", () => {
    const names = [...HOSTILE, "run_in", "trace", "stem_weights", "stem_bias", "stem_window"];
    const trials = names.map((name, i) => {
      const made = network([name, "stem", `${name}_layer`]);
      const inputs = { count: 1, values: new Uint8Array(32) };
      return { name: `m${i}`, network: made, inputs };
    });
    expect(runNatively(trials, ["-Wcomment", "-Wtrigraphs"])).toHaveLength(names.length);
  });
});
