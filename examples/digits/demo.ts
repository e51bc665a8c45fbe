/**
 * From a trained ternary network to C that is shown to be right, on real images: `npm run demo`.
 * Uses tritc as a program of yours would. With `-- --no-install` it installs no missing tools.
 */
import { spawnSync } from "node:child_process";
import pc from "picocolors";
import {
  type Compiled,
  compile,
  DiagnosticError,
  EXIT_CODES,
  findTarget,
  modelOutputs,
  probeTools,
  readArray,
  readInputs,
  readModelFile,
  simulateAll,
  subjectOf,
  type Target,
  type TargetReport,
  vectorsOf,
  verifyTarget,
  writeCompiled,
} from "tritc";
import { drawPictures } from "./picture.js";

const MODEL = "examples/digits/model.onnx";
const IMAGES = "examples/digits/test_images.npy";
const FOLDER = "build/digits";

const CLASSES = 10;
const IMAGE_WIDTH = 8;
const IMAGE_SIZE = IMAGE_WIDTH * IMAGE_WIDTH;
/** The brightest pixel of this data set. */
const FULL = 16;

const count = (value: number) => value.toLocaleString("en-US");
const bytes = (value: number) => `${count(value)} B`;

async function demo(): Promise<void> {
  const compiled = compileModel();
  const reports = await verifyOnTargets(compiled);
  const [report] = reports;
  if (report === undefined) {
    console.log("  Nothing could be run here: a C compiler is enough to see more.");
    process.exitCode = EXIT_CODES.tool;
    return;
  }
  showDigits(compiled, report);
  showCost(compiled, reports);
  if (reports.some((r) => !r.equal)) process.exitCode = EXIT_CODES.verify;
  console.log(`\nThe C is in ${FOLDER}. Try: npx tritc verify ${FOLDER} --target native -v\n`);
}

function compileModel(): Compiled {
  heading("Compile a trained ternary network to C");
  const compiled = compile(readModelFile(MODEL), {
    name: "digits",
    target: findTarget("cortex-m4"),
  });
  const files = writeCompiled(FOLDER, compiled);
  const { layers, total } = compiled.facts;
  console.log(`  ${MODEL}  ->  ${[...files.keys()].map((file) => `${FOLDER}/${file}`).join("  ")}`);
  console.log(
    `  ${layers.length} layers, ${count(total.weights)} weights, each -s, 0 or +s: ` +
      `${bytes(total.tableBytes)} of tables, ${bytes(total.arenaBytes)} of working memory.`,
  );
  return compiled;
}

/** Runs the C on every image, on this computer and on an emulated microcontroller. */
async function verifyOnTargets(compiled: Compiled): Promise<TargetReport[]> {
  const { network, name, files } = compiled;
  const inputs = readInputs(network, IMAGES);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  const subject = subjectOf(network, name, files);
  await installMissingTools();
  heading(`Run the C on ${vectors.count} images that it has never seen`);
  const reports: TargetReport[] = [];
  for (const target of [findTarget("native"), findTarget("cortex-m4")]) {
    process.stdout.write(`  ${target.id.padEnd(10)} `);
    const report = await verifyTarget(subject, vectors, target).catch(explainSkipped);
    if (report === null) continue;
    console.log(resultText(report, target));
    reports.push(report);
  }
  return reports;
}

function resultText(
  { equal, vectors, firstDifference }: TargetReport,
  { machine }: Target,
): string {
  const where = machine.kind === "host" ? "this computer" : `QEMU ${machine.name}`;
  const what = `the simulator, bit for bit, on all ${count(vectors)} images (${where})`;
  if (equal) return `${pc.green("equals")} ${what}`;
  return `${pc.red("DIFFERENT")} from the simulator: ${JSON.stringify(firstDifference)} (${where})`;
}

/** Says what was not run and how to get it; anything but a missing tool is a failure. */
function explainSkipped(error: unknown): null {
  if (!(error instanceof DiagnosticError)) throw error;
  if (!error.diagnostics.every((d) => d.code === "tool/missing")) throw error;
  for (const { message, hint } of error.diagnostics) {
    console.log(`${pc.yellow("SKIPPED")}: ${message}\n\n${indented(hint ?? "")}\n`);
  }
  return null;
}

/** The setup script installs what it can without asking, or says what is missing. */
async function installMissingTools(): Promise<void> {
  if (process.argv.includes("--no-install") || process.platform === "win32") return;
  const tools = await probeTools();
  if (tools.every(({ found }) => found !== null)) return;
  heading("Get the compilers and the emulator (scripts/setup.sh)");
  spawnSync("sh", ["scripts/setup.sh"], { stdio: "inherit" });
}

/** What the compiled C says the images are. */
function showDigits({ network }: Compiled, { outputs, vectors, target }: TargetReport): void {
  const classes = classesOf(modelOutputs(network, { count: vectors, values: outputs }).data);
  const { data: labels } = readArray("examples/digits/test_labels.npy");
  const reference = classesOf(readArray("examples/digits/test_logits.npy").data);
  const { data: pixels } = readArray(IMAGES);

  const misread = classes.flatMap((digit, i) => (digit === labels[i] ? [] : [i]));
  heading(`Look at some of them: what the C says (${target})`);
  const shown = [...Array.from({ length: 8 }, (_, i) => i), ...misread.slice(0, 4)];
  const pictures = shown.map((i) => ({
    pixels: pixels.subarray(i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE),
    width: IMAGE_WIDTH,
    full: FULL,
    caption: captionOf(classes[i], labels[i]),
  }));
  console.log(indented(drawPictures(pictures, 4)));
  console.log();
  showShare("read correctly by the compiled C", vectors - misread.length, vectors);
  const agreeing = classes.filter((digit, i) => digit === reference[i]).length;
  showShare("read as onnxruntime reads them", agreeing, vectors);
}

function captionOf(read: number | undefined, label: number | undefined): string {
  return read === label ? `${read}` : pc.red(`${read}? it is ${label}`);
}

function showShare(what: string, part: number, whole: number): void {
  const share = ((100 * part) / whole).toFixed(2);
  console.log(`  ${share.padStart(6)} %  ${what} (${part} of ${whole})`);
}

/** The class with the highest score, for each image. */
function classesOf(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length / CLASSES }, (_, image) => {
    const own = Array.from({ length: CLASSES }, (_, c) => scores[image * CLASSES + c] ?? 0);
    return own.indexOf(Math.max(...own));
  });
}

/** Everything here was measured on the emulated core, not estimated. */
function showCost({ network }: Compiled, reports: readonly TargetReport[]): void {
  const measured = reports.find((report) => report.flash !== null && report.ram !== null);
  if (measured?.flash == null || measured.ram == null) return;
  const { target, flash, ram, instructions } = measured;
  heading(`What it takes (measured on the emulated ${target})`);
  const rows: [string, string][] = [
    ["flash", `${bytes(flash.weights + flash.code)}`],
    ["  weights and constants", bytes(flash.weights)],
    ["  code", bytes(flash.code)],
    ["RAM", bytes(ram.data + ram.stack)],
    ["  arena", bytes(ram.data)],
    ["  stack, at most", bytes(ram.stack)],
  ];
  if (instructions !== null) {
    rows.push(["instructions an image", count(instructions.total.max)]);
    instructions.layers.forEach(({ max }, i) => {
      rows.push([`  ${network.layers[i]?.name ?? ""}`, count(max)]);
    });
  }
  const width = Math.max(...rows.map(([, value]) => value.length));
  for (const [what, value] of rows) console.log(`  ${what.padEnd(26)} ${value.padStart(width)}`);
}

function heading(text: string): void {
  console.log(`\n${pc.bold(text)}\n`);
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

try {
  await demo();
} catch (error) {
  if (!(error instanceof DiagnosticError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
