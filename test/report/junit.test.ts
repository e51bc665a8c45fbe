import { describe, expect, it } from "vitest";
import { create } from "xmlbuilder2";
import { junitText } from "../../src/report/junit.js";
import type { TargetResult, VerifyReport } from "../../src/report/verify.js";

const ran = {
  ran: true,
  target: "native",
  layers: ["a"],
  toolchain: { compiler: "gcc", emulator: null },
  equal: true,
  vectors: 5,
  layersCompared: 5,
  firstDifference: null,
  instructions: null,
  flash: null,
  ram: null,
  remarks: [],
} as const satisfies TargetResult;

const difference = { vector: 3, element: 1, expected: 5, actual: 6 };

function xmlOf(...targets: TargetResult[]): string {
  return xmlWith(null, targets);
}

function xmlWith(float: VerifyReport["float"], targets: readonly TargetResult[] = [ran]): string {
  const model = { file: "m <1>.onnx", hash: "" };
  return junitText({ model, name: "m", targets, devices: [], float, calibration: null });
}

const compared = {
  ...{ inputs: 7, different: 2, rounding: 2, firstUnexplained: null, firstDifferent: 4 },
  ...{ elements: 70, elementsDifferent: 3, largest: 0.25, step: null, signalToNoise: 61.5 },
  ...{ sameClass: 7, correct: null, reference: "a runtime", calibrated: false, agrees: true },
} as const satisfies VerifyReport["float"];

describe("junitText", () => {
  it("has a suite for each configuration, and counts", () => {
    const xml = xmlOf(ran, { ...ran, target: "cortex-m4", layersCompared: 0 });
    expect(xml).toContain(
      '<testsuites name="tritc verify m &lt;1&gt;.onnx" tests="3" failures="0" errors="0">',
    );
    expect(xml).toContain('<testsuite name="native" tests="2" failures="0" errors="0">');
    expect(xml).toContain('<testcase classname="m.native" name="every layer of 5 inputs"/>');
    expect(xml).toContain('<testsuite name="cortex-m4" tests="1" failures="0" errors="0">');
    expect(() => create(xml)).not.toThrow();
  });

  it("fails the outputs, or the layer that goes wrong", () => {
    const wrong = { ...ran, equal: false, layersCompared: 0 };
    const inOutput = xmlOf({ ...wrong, firstDifference: { ...difference, layer: null } });
    expect(inOutput).toMatch(
      /name="outputs of 5 inputs">\s*<failure type="verify\/different" message="element 1 of the output is 6 and should be 5">/,
    );
    const layer = { index: 2, name: "conv", origin: 'Conv "c"' };
    const inLayer = xmlOf({ ...wrong, firstDifference: { ...difference, layer } });
    expect(inLayer).toContain('failures="1" errors="0"');
    expect(inLayer).toMatch(/name="layer conv">\s*<failure/);
    expect(inLayer).toContain("vector 3: element 1 of layer 2, conv");
  });

  it("has a suite for the float model, with its figures", () => {
    const xml = xmlWith(compared);
    expect(xml).toContain('tests="3" failures="0" errors="0"');
    expect(xml).toContain('<testsuite name="float model" tests="1" failures="0" errors="0">');
    expect(xml).toContain('name="simulated outputs of 7 inputs"/>');
    expect(xml).toMatch(/<system-out>float model \(a runtime\)[^<]*2 differ by float32 rounding/);
  });

  it("fails what departs from the float model", () => {
    const xml = xmlWith({ ...compared, rounding: 1, firstUnexplained: 4, agrees: false });
    expect(xml).toContain('failures="1" errors="0"');
    expect(xml).toMatch(/<failure type="verify\/float-differs" message="1 of 7 inputs differ,/);
  });

  it("never counts as a pass what did not run", () => {
    const diagnostic = {
      code: "tool/missing",
      severity: "error",
      where: {},
      message: "no gcc",
      hint: "install it",
    } as const;
    const xml = xmlOf({ ran: false, target: "lx106", diagnostics: [diagnostic] });
    expect(xml).toContain('failures="0" errors="1"');
    expect(xml).toMatch(
      /<error type="tool\/missing" message="no gcc">tool\/missing: no gcc\ninstall it<\/error>/,
    );
  });
});
