import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { lower } from "../../../src/network/lower/index.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { complaints } from "./lowering.js";

const FLOATS = spread(4);
const TRITS = [1, 0, -1, 1];

/** [1, 4] bytes, dequantised. */
function vector(): [g: GraphBuilder, x: string] {
  const g = new GraphBuilder([1, 4], "uint8");
  return [g, g.dequantize("x", 0.5)];
}

/** [1, 4, 2, 2] bytes, dequantised. */
function image(): [g: GraphBuilder, x: string] {
  const g = new GraphBuilder([1, 4, 2, 2], "uint8");
  return [g, g.dequantize("x", 0.5)];
}

const ALL = [...TRITS, ...TRITS, 1, 1, 1, 1, -1, 1, 0, 0];

/** Each builds a graph in which the node "bad" has no exact integer meaning. */
const CASES: Readonly<Record<string, () => GraphBuilder>> = {
  "lower/float-activation": () => {
    const [g, x] = image();
    const turned = g.transpose(g.conv(x, [4, 4, 1, 1], ALL), [0, 1, 3, 2]);
    g.named("bad", g.maxPool(turned, { kernel: [1, 2] }));
    return g;
  },
  "lower/float-weights": () => {
    const [g, x] = vector();
    const sums = g.dense(x, [4, 4], ALL);
    g.named("bad", g.dense(g.requantize(sums, uniform(1)), [1, 4], FLOATS));
    return g;
  },
  "lower/per-input-channel-scale": () => {
    const [g, x] = vector();
    g.named("bad", g.dense(g.arithmetic("mul", x, [1, 2, 3, 4]), [1, 4], TRITS));
    return g;
  },
  "lower/zero-point": () => {
    const [g, x] = image();
    const sums = g.conv(x, [4, 4, 1, 1], ALL, { bias: [0.1, 0.1, 0.1, 0.1] });
    g.named("bad", g.averagePool(sums, { kernel: [2, 2], pads: [1, 1, 1, 1] }, true));
    return g;
  },
  "lower/unquantised-clamp": () => {
    const [g, x] = vector();
    const sums = g.relu(g.dense(x, [4, 4], ALL));
    g.named("bad", g.dense(sums, [1, 4], TRITS));
    return g;
  },
  "lower/apart-in-memory": () => {
    const [g, x] = image();
    const sums = g.conv(x, [4, 4, 1, 1], ALL, { bias: FLOATS });
    const turned = g.transpose(g.reshape(sums, [1, 2, 2, 4]), [0, 3, 1, 2]);
    g.named("bad", g.sum(sums, turned));
    return g;
  },
  "lower/division-by-zero": () => {
    const [g, x] = vector();
    g.named("bad", g.arithmetic("div", g.dense(x, [4, 4], ALL), [1, 1, 0, 1]));
    return g;
  },
  "lower/negative-after-pool": () => {
    const [g, x] = image();
    const norm = { gamma: [-1, 1, 1, 1] };
    const pooled = g.maxPool(g.batchNorm(g.conv(x, [4, 4, 1, 1], ALL), norm), { kernel: [2, 2] });
    g.named("bad", g.batchNorm(pooled, norm));
    return g;
  },
  "lower/input-not-quantised": () => {
    const g = new GraphBuilder([1, 4], "real");
    g.named("bad", g.dense("x", [1, 4], TRITS));
    return g;
  },
  "lower/input-quantised-twice": () => {
    const g = new GraphBuilder([1, 4], "real");
    g.dense(g.requantize("x", uniform(1)), [1, 4], TRITS);
    g.named("bad", g.quantize("x", uniform(2)));
    return g;
  },
  "lower/per-channel-zero-points": () => {
    const [g, x] = vector();
    const sums = g.dense(x, [4, 4], ALL);
    g.named("bad", g.quantize(sums, uniform(1, { zero: [0, 1, 2, 3], axis: 1 })));
    return g;
  },
  "lower/accumulator-overflow": () => {
    const g = new GraphBuilder([1, 40000], "int16");
    const rows = Array.from({ length: 40000 }, () => 1);
    g.named("bad", g.dense(g.dequantize("x", 1), [1, 40000], rows));
    return g;
  },
  "lower/falling-steps": () => {
    const g = new GraphBuilder([1, 20], "uint8");
    const weights = Array.from({ length: 40 }, (_, i) => (i < 20 ? (i % 3) - 1 : (i % 2) * 2 - 1));
    weights[0] = -128;
    const sums = g.dense(g.dequantize("x", 1), [2, 20], weights);
    const options = { min: -8, max: 7, rounding: "toward-zero" } as const;
    const turned = g.arithmetic("mul", sums, -0.25);
    const codes = g.named("bad", g.quantize(turned, uniform(64, options)));
    g.dense(g.dequantize(codes, 64), [1, 2], [1, -1]);
    return g;
  },
  "lower/function-of-sum": () => {
    const [g, x] = vector();
    const sums = g.dense(
      g.arithmetic("mul", x, 4),
      [4, 4],
      ALL.map((w) => 127 * w),
    );
    g.requantize(g.dense(x, [4, 4], ALL), uniform(1));
    g.quantize(g.named("bad", g.unary(sums, { name: "silu" })), uniform(1));
    return g;
  },
  "lower/undefined-value": () => {
    const [g, x] = vector();
    g.dense(x, [4, 4], ALL);
    const roots = g.named("bad", g.unary(g.arithmetic("sub", x, 1), { name: "sqrt" }));
    g.quantize(roots, uniform(1));
    return g;
  },
  "lower/fill-off-grid": () => {
    const [g, x] = vector();
    g.dense(x, [4, 4], ALL);
    g.named("bad", g.gather(x, [null, [-1, 0, 1]], 0.3));
    return g;
  },
  "lower/embedding-input": () => {
    const [g, x] = vector();
    const codes = g.quantize(g.dense(x, [4, 4], ALL), uniform(4, { min: 0, max: 3 }));
    g.named("bad", g.embedding(codes, [4, 2], [1, 0, -1, 1, 0, 0, 1, 1]));
    return g;
  },
  "lower/embedding-table": () => {
    const g = new GraphBuilder([1, 4], "uint8");
    g.dense(g.dequantize("x", 1), [1, 4], TRITS);
    g.named("bad", g.embedding("x", [8, 2], spread(16)));
    return g;
  },
  "lower/head-inside": () => {
    const [g, x] = vector();
    const probabilities = g.named("bad", g.head("softmax", g.dense(x, [4, 4], ALL)));
    g.relu(probabilities);
    return g;
  },
};

describe("every network without an exact integer meaning is refused", () => {
  it.each(Object.entries(CASES))("%s, naming the node", (code, build) => {
    const [first = "", ...others] = complaints(build().build());
    expect(first).toMatch(new RegExp(`^${code} \\w+ "bad"$`));
    expect(others).toEqual([]);
  });

  it("lower/not-ternary, with the numbers of each layer", () => {
    const [g, x] = vector();
    g.named("only", g.dense(x, [4, 4], spread(16)));
    expect(complaints(g.build())).toEqual(["lower/not-ternary"]);
    expect(() => lower(g.build())).toThrow(/Gemm "only": .*best ternary fit off by/);
  });

  it("lower/shape, for an input that is no image", () => {
    const g = new GraphBuilder([1, 1, 1, 2, 2], "uint8");
    const flat = g.reshape(g.dequantize("x", 1), [1, 4]);
    g.dense(flat, [1, 4], TRITS);
    expect(complaints(g.build())).toEqual(['lower/shape Input "x"']);
  });

  it("all of it at once, but nothing that only follows from something else", () => {
    const [g, x] = vector();
    const ternary = g.dense(x, [4, 4], ALL);
    const one = g.named("one", g.dense(g.requantize(ternary, uniform(1)), [4, 4], spread(16)));
    const two = g.named("two", g.arithmetic("div", ternary, 0));
    g.named("three", g.sum(one, two));
    expect(complaints(g.build())).toEqual([
      'lower/float-weights Gemm "one"',
      'lower/division-by-zero arithmetic "two"',
    ]);
  });

  it("and every diagnostic says what to do or why nothing can be done", () => {
    for (const build of Object.values(CASES)) {
      try {
        lower(build().build());
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        for (const { message } of error.diagnostics) expect(message.length).toBeGreaterThan(20);
      }
    }
  });
});

/** Numbers on no common grid. */
function spread(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(i * i + 1));
}
