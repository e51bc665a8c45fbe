import { create } from "xmlbuilder2";
import type { Diagnostic } from "../diagnostics.js";
import type { Difference } from "../verify/types.js";
import { calibrationText } from "./calibration.js";
import { type FloatReport, floatText } from "./float.js";
import { plural } from "./format.js";
import type { DeviceResult, TargetResult, VerifyReport } from "./verify.js";

/** One test case: a failure is a difference, an error something that did not run. */
interface Case {
  readonly name: string;
  readonly problem: {
    readonly kind: "failure" | "error";
    readonly code: string;
    readonly message: string;
    readonly text: string;
  } | null;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  /** What was measured rather than asserted. */
  readonly output?: string;
}

/**
 * A verification as JUnit XML: a test suite for each configuration and device, a test case for its
 * outputs and one for its layers; one more for the float model, if it was compared, with the figures in
 * its output. What did not run is an error. No times: they would differ from run to run.
 */
export function junitText({
  name,
  model,
  targets,
  devices,
  float,
  calibration,
}: Pick<VerifyReport, "name" | "model" | "targets" | "devices" | "float" | "calibration">): string {
  const suites: Suite[] = [
    ...targets.map((result) => ({ name: result.target, cases: casesOf(result) })),
    ...devices.map((result) => ({ name: result.port, cases: casesOf(result) })),
    ...(float === null ? [] : [floatSuite(float, calibration)]),
  ];
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", {
    name: `tritc verify ${model.file}`,
    ...countsOf(suites.flatMap(({ cases }) => cases)),
  });
  for (const { name: suiteName, cases, output } of suites) {
    const suite = root.ele("testsuite", { name: suiteName, ...countsOf(cases) });
    for (const { name: caseName, problem } of cases) {
      const test = suite.ele("testcase", { classname: `${name}.${suiteName}`, name: caseName });
      if (problem === null) continue;
      const { kind, code, message, text } = problem;
      test.ele(kind, { type: code, message }).txt(text);
    }
    if (output !== undefined) suite.ele("system-out").txt(output);
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function floatSuite(float: FloatReport, calibration: VerifyReport["calibration"]): Suite {
  const { inputs, different, rounding, firstUnexplained, agrees } = float;
  const message =
    `${different - rounding} of ${plural(inputs, "input")} differ, and float32 rounding does not ` +
    `explain it; the first is input ${firstUnexplained}`;
  const code = "verify/float-differs";
  return {
    name: "float model",
    cases: [
      {
        name: `simulated outputs of ${plural(inputs, "input")}`,
        problem: agrees ? null : { kind: "failure", code, message, text: message },
      },
    ],
    output: [
      ...floatText(float).slice(1),
      ...(calibration === null ? [] : ["", calibrationText(calibration)]),
    ].join("\n"),
  };
}

function countsOf(cases: readonly Case[]) {
  const of = (kind: "failure" | "error") => cases.filter(({ problem }) => problem?.kind === kind);
  return { tests: cases.length, failures: of("failure").length, errors: of("error").length };
}

function casesOf(result: TargetResult | DeviceResult): Case[] {
  if (!result.ran) return [notRun(result.diagnostics)];
  const { firstDifference: difference, vectors, layersCompared } = result;
  const inOutputs = difference !== null && difference.layer === null;
  const outputs = `outputs of ${plural(vectors, "input")}`;
  const cases = [{ name: outputs, problem: inOutputs ? failure(difference) : null }];
  if (difference !== null && difference.layer !== null) {
    cases.push({ name: `layer ${difference.layer.name}`, problem: failure(difference) });
  } else if (layersCompared > 0) {
    cases.push({ name: `every layer of ${plural(layersCompared, "input")}`, problem: null });
  }
  return cases;
}

function failure({ vector, layer, element, expected, actual }: Difference): Case["problem"] {
  const place =
    layer === null ? "the output" : `layer ${layer.index}, ${layer.name} (${layer.origin})`;
  const message = `element ${element} of ${place} is ${actual} and should be ${expected}`;
  return {
    kind: "failure",
    code: "verify/different",
    message,
    text: `vector ${vector}: ${message}`,
  };
}

function notRun(diagnostics: readonly Diagnostic[]): Case {
  const [first] = diagnostics;
  const text = diagnostics.map(({ code, message, hint }) =>
    [`${code}: ${message}`, hint].join("\n"),
  );
  const message = first?.message ?? "it did not run";
  const problem = {
    kind: "error",
    code: first?.code ?? "",
    message,
    text: text.join("\n"),
  } as const;
  return { name: "outputs", problem };
}
