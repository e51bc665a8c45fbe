import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { diagnosticText } from "../../src/report/diagnostics.js";
import { inputText, outputText } from "../../src/report/encoding.js";
import type { NetworkFacts } from "../../src/report/facts.js";
import { bytes, exactness, interval, percent, plural, printable } from "../../src/report/format.js";
import { indent, left, right, table } from "../../src/report/table.js";
import { type VerifyReport, verifyText } from "../../src/report/verify.js";

describe("table", () => {
  it("makes columns as wide as their widest cell, numbers to the right", () => {
    const text = table(
      [left("name"), right("n")],
      [
        ["a", "1"],
        ["longer", "1,000"],
      ],
    );
    expect(text).toBe(["name        n", "a           1", "longer  1,000"].join("\n"));
  });

  it("leaves the titles out when there are none, and fills short rows", () => {
    expect(table([left(""), left("")], [["a"], ["bb", "c"]])).toBe("a\nbb  c");
  });

  it("indents lines that hold something", () => {
    expect(indent("a\n\nb")).toBe("  a\n\n  b");
  });
});

describe("format", () => {
  it("prints numbers for people", () => {
    expect([bytes(1234567), plural(1, "layer"), plural(2000, "layer")]).toEqual([
      "1,234,567 B",
      "1 layer",
      "2,000 layers",
    ]);
    expect([interval({ low: -1530, high: 3 }), interval({ low: 7, high: 7 })]).toEqual([
      "-1,530 .. 3",
      "7",
    ]);
    expect(percent(0.33333)).toBe("33.3 %");
  });

  it("says how exact a requantisation is", () => {
    expect(exactness({ kind: "exact" })).toBe("exact");
    expect(exactness({ kind: "bounded", within: 0.00123, most: 3, of: 4000 })).toContain("0.0012");
    expect(exactness({ kind: "rounded", bound: 0.5 })).toContain("0.50");
  });

  it("keeps a file's text from driving the terminal", () => {
    expect(printable("a\u001b[31mb\u0007\u009bc\r\nd\te")).toBe("a?[31mb??c?\nd\te");
  });
});

describe("diagnosticText", () => {
  const colors = pc.createColors(false);

  it("says what, where and what to do", () => {
    const text = diagnosticText(
      {
        code: "read/bad-scale",
        severity: "error",
        where: { file: "m.onnx", node: 'Conv "c"', tensor: "w", shape: [8, 3] },
        message: "a scale is 0\nin two channels",
        hint: "prune it\nor train it",
      },
      colors,
    );
    expect(text).toBe(
      [
        "error read/bad-scale: a scale is 0",
        "  in two channels",
        '  in m.onnx, Conv "c", tensor w, shape [8, 3]',
        "  prune it",
        "  or train it",
      ].join("\n"),
    );
  });

  it("is one line when nothing else is known", () => {
    const note = { code: "read/batch", severity: "note", where: {}, message: "batch 1" } as const;
    expect(diagnosticText(note, colors)).toBe("note read/batch: batch 1");
  });

  it("colours by severity", () => {
    const warning = { code: "read/x", severity: "warning", where: {}, message: "m" } as const;
    expect(diagnosticText(warning, pc.createColors(true))).toContain("\u001b[33m");
  });
});

describe("encodings", () => {
  const input = { name: "x", type: "uint8", shape: [8, 8, 1], modelShape: [1, 1, 8, 8] } as const;
  const output = { name: "y", type: "int32", elements: 10, modelShape: [1, 10] } as const;

  it.each([
    [{ kind: "integer", scale: null, zero: 0 }, "the model's own integers"],
    [{ kind: "integer", scale: 0.5, zero: 0 }, "real = q * 0.5"],
    [{ kind: "integer", scale: 0.5, zero: 128 }, "real = (q - 128) * 0.5"],
    [
      { kind: "real", formula: "clamp(round(x), 0, 3)" },
      "q = clamp(round(x), 0, 3) of the model's float x",
    ],
  ] as const)("input %j", (encoding, text) => {
    expect(inputText({ ...input, encoding })).toBe(
      `x [1, 1, 8, 8] as uint8: ${text.startsWith("real") ? "the model's own integers, " : ""}${text}`,
    );
  });

  it.each([
    [{ real: null, head: "none" }, "the model's own integers"],
    [{ real: { scale: 2, offset: 0 }, head: "none" }, "real = q * 2"],
    [
      { real: { scale: 2, offset: -1 }, head: "argMax" },
      "real = q * 2 + -1; its argMax is left to the caller",
    ],
  ] as const)("output %j", (encoding, text) => {
    expect(outputText({ ...output, ...encoding })).toBe(`y [1, 10] as int32: ${text}`);
  });
});

const NETWORK: NetworkFacts = {
  input: {
    name: "x",
    type: "int8",
    shape: [1, 1, 4],
    modelShape: [1, 4],
    encoding: { kind: "integer", scale: 1, zero: 0 },
  },
  output: { name: "y", type: "int8", elements: 3, modelShape: [1, 3], real: null, head: "none" },
  layers: [
    {
      name: "a",
      kind: "dense",
      nodes: [],
      output: { type: "int8", shape: [1, 1, 3] },
      weights: null,
      macs: 12,
      accumulator: [-1530, 300],
      requantization: "thresholds",
      exactness: { kind: "exact" },
      floatOperations: null,
    },
  ],
  total: { weights: 12, macs: 12, floatLayers: 0, exact: true },
};

describe("verifyText", () => {
  const ran = {
    ran: true,
    target: "cortex-m4",
    layers: ["a", "b"],
    toolchain: { compiler: "gcc 1", emulator: "qemu 2" },
    equal: true,
    vectors: 5,
    layersCompared: 0,
    firstDifference: null,
    instructions: {
      vectors: 3,
      total: { min: 1000, max: 1200 },
      layers: [
        { min: 250, max: 300 },
        { min: 750, max: 900 },
      ],
    },
    flash: { weights: 2048, code: 512 },
    ram: { data: 64, stack: 32 },
    remarks: [],
  } as const;
  const report = (targets: VerifyReport["targets"]): VerifyReport => ({
    model: { file: "m.onnx", hash: "" },
    name: "m",
    vectors: { count: 5, file: null, seed: 9, frames: null },
    equal: true,
    network: NETWORK,
    calibration: null,
    coverage: [{ layer: 0, faults: 12, noticed: 10 }],
    targets,
    devices: [],
    float: null,
  });

  it("has one line a target and tells what was measured with what", () => {
    expect(verifyText(report([ran]), true).split("\n")).toEqual([
      "m (m.onnx) against the simulator, 5 inputs from seed 9",
      "",
      "target     result    instructions  flash: tables   code  RAM: arena  stack",
      "cortex-m4  equal   1,000 .. 1,200        2,048 B  512 B        64 B   32 B",
      "",
      "cortex-m4: gcc 1; qemu 2",
      "",
      "Instructions are exact, for one inference, counted on 3 inputs.",
      "",
      "Only outputs were compared; of 12 wrong weights that one could plant, 2 would not change " +
        "their layer's output for any of these inputs.",
      "Every requantisation equals exact arithmetic on its whole reachable range.",
      "",
      "layer    accumulator  requantisation  against exact arithmetic    faults shown",
      "a      -1,530 .. 300  thresholds      equal for all 1,831 values      10 of 12",
      "",
      "cortex-m4  instructions  share",
      "a            250 .. 300   25 %",
      "b            750 .. 900   75 %",
    ]);
  });

  it("says what a device gave", () => {
    const ticks = { name: "DWT", perSecond: 100_000_000, min: 1_000, max: 2_500 };
    const device = {
      ran: true as const,
      port: "COM9",
      equal: true,
      vectors: 5,
      layersCompared: 5,
      firstDifference: null,
      ticks,
      stack: 96,
      repeats: 1,
    };
    const text = verifyText({ ...report([]), devices: [device] }, false);
    expect(text).toContain(
      "COM9  equal, 1,000 .. 2,500 ticks of DWT (0.025 ms), 96 B of stack, 1 request repeated",
    );
    expect(text).toContain("Every layer was compared, too;");
  });

  it("shows what was not measured as such, and never as equal", () => {
    const native = {
      ...ran,
      target: "native",
      equal: false,
      instructions: null,
      flash: null,
      ram: null,
    };
    const text = verifyText(
      report([native, { ran: false, target: "cortex-m0", diagnostics: [] }]),
      true,
    );
    expect(text).toMatch(/^native +DIFFERENT +- +- +- +- +-$/m);
    expect(text).toMatch(/^cortex-m0 +NOT COMPARED$/m);
    expect(text).not.toContain("Instructions are exact");
  });
});
