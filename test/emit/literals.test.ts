import { describe, expect, it } from "vitest";
import { floatLiteral, literal, tableText } from "../../src/emit/literals.js";
import { seeded } from "../support/random.js";

describe("integer literals", () => {
  it.each([
    [-128, "int8_t", "-128"],
    [-0, "int8_t", "0"],
    [-0, "int32_t", "0"],
    [-(2 ** 31), "int32_t", "(-2147483647 - 1)"],
    [2 ** 31 - 1, "int32_t", "2147483647"],
    [7, "uint8_t", "0x07"],
    [255, "uint8_t", "0xff"],
    [65535, "uint16_t", "65535u"],
    [2 ** 32 - 1, "uint32_t", "4294967295u"],
    [-(2 ** 52), "int64_t", "INT64_C(-4503599627370496)"],
    [2 ** 52, "int64_t", "INT64_C(4503599627370496)"],
  ] as const)("%d as %s", (value, type, text) => {
    expect(literal(value, type)).toBe(text);
  });
});

describe("tables", () => {
  it("keep lines short and lose no value", () => {
    const values = Int32Array.from({ length: 400 }, (_, i) => (i * 7919) % 100003);
    const text = tableText(
      { suffix: "t", type: "int32_t", length: 400, values: () => values, comment: "c" },
      "m_t",
    );
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const body = text.slice(text.indexOf("{") + 1, text.indexOf("}"));
    expect(body.split(",").slice(0, -1).map(Number)).toEqual([...values]);
    expect(text).toContain("static const int32_t m_t[400] = {");
  });

  it("draw each row beside its bytes", () => {
    const text = tableText(
      {
        suffix: "w",
        type: "uint8_t",
        length: 4,
        values: () => [0x09, 0x01, 0x24, 0x02],
        comment: "Two rows.",
        picture: ["+-00+", "0+-0-"],
      },
      "m_w",
    );
    expect(text).toContain("    0x09, 0x01, /* +-00+ */\n    0x24, 0x02, /* 0+-0- */\n");
  });
});

describe("float literals", () => {
  /** A C float constant: with a point or an exponent, and a suffix. */
  const FORM = /^\(?-?(\d+\.\d+|\d+(\.\d+)?e[+-]?\d+)f\)?$/;
  const read = (text: string): number => Math.fround(Number(text.replace(/[()f]/g, "")));

  it.each([0, 1, -1, 0.1, 100, 123456789, 1e21, 1e-30, 2 ** -24, 2 ** -149, 3.4028234663852886e38])(
    "%d reads back",
    (value) => {
      expect(floatLiteral(value)).toMatch(FORM);
      expect(read(floatLiteral(value))).toBe(Math.fround(value));
    },
  );

  it("of any float32 read back as it", () => {
    const random = seeded(8);
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    for (let i = 0; i < 20000; i++) {
      bits[0] = random.integer(-(2 ** 31), 2 ** 31 - 1);
      const value = float[0] ?? 0;
      if (!Number.isFinite(value)) continue;
      const text = floatLiteral(value);
      expect(text).toMatch(FORM);
      if (read(text) !== value) throw new Error(`${value} became ${text}`);
    }
  });
});
