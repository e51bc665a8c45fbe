/**
 * The smallest ternary networks there are, from NumPy to C that is shown to be right:
 * `npm run demo:ternary-layer`.
 */
import {
  compile,
  DiagnosticError,
  EXIT_CODES,
  findTarget,
  integerOutputs,
  readArray,
  readInputs,
  readModelFile,
  simulateAll,
  subjectOf,
  vectorsOf,
  verifyTarget,
  writeCompiled,
} from "tritc";

const HERE = "examples/ternary-layer";
const TARGETS = ["native", "cortex-m4"];

async function demo(name: string): Promise<void> {
  const model = readModelFile(`${HERE}/${name}.npz`);
  const compiled = compile(model, { name, target: findTarget("cortex-m4") });
  const { network, files, facts } = compiled;
  writeCompiled(`build/${name}`, compiled);
  console.log(`\n${name}.npz  ->  build/${name}/${name}.h, ${name}.c`);
  console.log(`  ${facts.layers.length} layers, ${facts.total.weights} trits`);

  const inputs = readInputs(network, `${HERE}/patterns.npy`);
  const samples = await simulateAll(network, inputs);
  const { data: outputs } = integerOutputs(network, samples);
  showAnswers(outputs, inputs.count);
  const expected = readArray(`${HERE}/${name}_outputs.npy`).data;
  const same = expected.length === outputs.length && expected.every((v, i) => v === outputs[i]);
  console.log(`  NumPy      ${same ? "answers the same" : "ANSWERS DIFFERENTLY"}`);
  if (!same) process.exitCode = EXIT_CODES.verify;

  const vectors = vectorsOf(network, inputs, samples);
  const subject = subjectOf(network, name, files);
  for (const target of TARGETS) {
    const report = await verifyTarget(subject, vectors, findTarget(target)).catch(explainSkipped);
    if (report === null) continue;
    console.log(`  ${target.padEnd(10)} ${report.equal ? "equal, bit for bit" : "DIFFERENT"}`);
    if (!report.equal) process.exitCode = EXIT_CODES.verify;
  }
}

/** Each pattern's outputs, and its class: the sign of their sum. */
function showAnswers(outputs: ArrayLike<number>, count: number): void {
  const patterns = Array.from(readArray(`${HERE}/patterns.npy`).data);
  const [inputs, width] = [patterns.length / count, outputs.length / count];
  for (let i = 0; i < count; i++) {
    const pattern = patterns.slice(i * inputs, (i + 1) * inputs).map((x) => Number(x.toFixed(3)));
    const answer = Array.from({ length: width }, (_, k) => outputs[i * width + k] ?? 0);
    const sum = answer.reduce((a, b) => a + b, 0);
    console.log(
      `  [${pattern.join(", ")}] -> [${answer.join(", ")}], class ${sum > 0 ? "+1" : "-1"}`,
    );
  }
}

/** A missing compiler or emulator is said; anything else is a failure. */
function explainSkipped(error: unknown): null {
  if (!(error instanceof DiagnosticError)) throw error;
  if (!error.diagnostics.every((d) => d.code === "tool/missing")) throw error;
  for (const { message } of error.diagnostics) console.log(`  SKIPPED    ${message}`);
  return null;
}

for (const name of ["layer", "chain"]) await demo(name);
