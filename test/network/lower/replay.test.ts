import { describe, expect, it } from "vitest";
import { lower } from "../../../src/network/lower/index.js";
import { encodeInput } from "../../../src/simulate/codec.js";
import { createSimulator } from "../../../src/simulate/index.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { seeded } from "../../support/random.js";

const { fround } = Math;

/** Normalisation as image models do it; in real numbers nearly every pixel lies on a tie. */
const SCALE = fround(4 / 255);

/** `(x / 255 - 0.5) / divisor`, quantised, each operator in float32. */
function float32Code(x: number, divisor: number): number {
  const normalised = fround(fround(fround(x / 255) - 0.5) / divisor);
  const position = fround(normalised / SCALE);
  return Math.min(127, Math.max(-128, roundHalfEven(position))) + 0;
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** The same network over `pixels` inputs; its last layer copies the codes. */
function normalising(type: "uint8" | "real", pixels: number, divisor: number) {
  const g = new GraphBuilder([1, 1, 1, pixels], type);
  const real = type === "real" ? "x" : g.dequantize("x", 1);
  const shifted = g.arithmetic("sub", g.arithmetic("div", real, 255), 0.5);
  const codes = g.requantize(g.arithmetic("div", shifted, divisor), uniform(SCALE));
  g.conv(codes, [1, 1, 1, 1], [1]);
  const { network } = lower(g.build());
  const simulator = createSimulator(network);
  return { network, codes: (x: readonly number[]) => [...simulator.run(encodeInput(network, x))] };
}

const BYTES = Array.from({ length: 256 }, (_, x) => x);

describe("pointwise float32 operators before a quantiser", () => {
  it("are a case where exact arithmetic gives something else", () => {
    const exact = BYTES.map((x) => roundHalfEven(x - 127.5));
    const differing = BYTES.filter((x) => exact[x] !== float32Code(x, 0.25));
    expect(differing.length).toBeGreaterThan(50);
  });

  it.each([0.25, -0.25])("are repeated for every byte (divisor %d)", (divisor) => {
    const { network, codes } = normalising("uint8", 256, divisor);
    expect(codes(BYTES)).toEqual(BYTES.map((x) => float32Code(x, divisor)));
    expect(network.layers[0]).toMatchObject({
      requantization: { kind: "table", size: 256, exactness: { kind: "exact" } },
    });
  });

  it.each([0.25, -0.25])("break at the same float32 inputs (divisor %d)", (divisor) => {
    const { network, codes } = normalising("real", 1, divisor);
    const { encoding } = network.input;
    if (encoding.kind !== "real") throw new Error("the input is float");
    const [breaks = new Float64Array()] = encoding.breaks;
    expect(breaks.length).toBe(255);
    const random = seeded(2);
    const inputs = [
      ...Array.from(breaks).flatMap((b) => [-1, 0, 1].map((n) => neighbour(b, n))),
      ...BYTES,
      ...Array.from({ length: 500 }, () => fround(random.next() * 400 - 70)),
      ...[0, -0, 1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ];
    for (const x of inputs) expect(codes([x]), `x = ${x}`).toEqual([float32Code(x, divisor)]);
  });

  it("need no table where float32 is exact", () => {
    const g = new GraphBuilder([1, 1, 1, 1], "uint8");
    const shifted = g.arithmetic("sub", g.dequantize("x", 1), 128);
    g.conv(g.requantize(shifted, uniform(1)), [1, 1, 1, 1], [1]);
    const { network } = lower(g.build());
    expect(network.layers[0]).toMatchObject({ requantization: { kind: "fixed-point" } });
  });

  it("differ by channel where constants do", () => {
    const g = new GraphBuilder([1, 2, 1, 1], "uint8");
    const scaled = g.arithmetic("div", g.dequantize("x", 1), 255);
    const shifted = g.arithmetic("sub", scaled, [0.485, 0.456], [2, 1, 1]);
    const normal = g.arithmetic("div", shifted, [0.229, 0.224], [2, 1, 1]);
    const codes = g.requantize(normal, uniform(0.0186));
    g.conv(codes, [2, 1, 1, 1], [1, 1], { groups: 2 });
    const { network } = lower(g.build());
    const simulator = createSimulator(network);
    const code = (x: number, mean: number, deviation: number): number => {
      const value = fround(fround(fround(x / 255) - fround(mean)) / fround(deviation));
      return Math.min(127, Math.max(-128, roundHalfEven(fround(value / fround(0.0186)))));
    };
    for (const x of BYTES) {
      const expected = [code(x, 0.485, 0.229) + 0, code(255 - x, 0.456, 0.224) + 0];
      expect([...simulator.run(encodeInput(network, [x, 255 - x]))]).toEqual(expected);
    }
  });
});

describe("a float input that is quantised twice", () => {
  function twice(second: (g: GraphBuilder) => string) {
    const g = new GraphBuilder([1, 4], "real");
    const a = g.dense(g.requantize("x", { kind: "bipolar" }), [2, 4], [1, 1, 0, -1, 1, 0, 0, 1]);
    const b = g.dense(second(g), [2, 4], [1, 0, 1, 1, -1, 0, 0, 1]);
    g.quantize(g.sum(a, b), uniform(1));
    return g.build();
  }

  it("in one way has one integer form", () => {
    const { network } = lower(twice((g) => g.requantize("x", { kind: "bipolar" })));
    expect(network.tensors[network.input.tensor]).toMatchObject({ type: "int8", channels: 4 });
  });

  it("in two ways is refused", () => {
    const other = (g: GraphBuilder) => g.requantize("x", uniform(0.5));
    expect(() => lower(twice(other))).toThrow(/lower\/input-quantised-twice/);
  });

  it("once with its sign turned is refused, though both break at 0", () => {
    const turned = (g: GraphBuilder) =>
      g.requantize(g.arithmetic("mul", "x", -1), { kind: "bipolar" });
    expect(() => lower(twice(turned))).toThrow(/lower\/input-quantised-twice/);
  });
});

/** The float32 `n` steps away. */
function neighbour(x: number, n: number): number {
  const float = Float32Array.of(x);
  const bits = new Int32Array(float.buffer);
  const sign = x < 0 ? -1 : 1;
  bits[0] = (bits[0] ?? 0) + sign * n;
  return float[0] ?? x;
}
