/** Figures beside a peer's: `npm run bench -- --help`. */
import { Command } from "commander";
import { type Counter, withCounter } from "../../src/bench/counter.js";
import { drawnInputs } from "../../src/bench/inputs.js";
import { benchmark } from "../../src/bench/measure.js";
import { generate } from "../../src/compile.js";
import { DiagnosticError } from "../../src/diagnostics.js";
import { type BenchTarget, benchTarget, targetText } from "../../src/report/bench.js";
import { integer } from "../../src/report/format.js";
import { left, right, table } from "../../src/report/table.js";
import { findTarget } from "../../src/targets/index.js";
import { type Configuration, configurationList } from "../../src/verify/index.js";
import { peerLayer } from "./peers.js";
import { SHAPES, type Shape } from "./shapes.js";

interface Options {
  readonly core: string;
  readonly shape?: string;
  readonly zeros: string;
  readonly relu?: boolean;
  readonly level: string;
  readonly layers?: boolean;
}

const CORES: Readonly<Record<string, string>> = {
  m0p: "cortex-m0plus",
  "m0+": "cortex-m0plus",
  m0plus: "cortex-m0plus",
  m3: "cortex-m3",
  m4: "cortex-m4",
  m7: "cortex-m7",
  m33: "cortex-m33",
  m55: "cortex-m55",
};

const COLUMNS = [
  left("shape"),
  right("zeros"),
  left("kernel"),
  right("instructions"),
  right("cycles"),
  right("/MAC"),
  right("peer/MAC"),
  right("faster"),
  right("bits/weight"),
  right("tables"),
  right("code"),
  right("arena"),
];

const options = new Command("bench")
  .description("Counts what layers and networks take, beside what CMSIS-NN's int8 takes.")
  .option("--core <cores>", "e.g. m4,m0plus,rv32imc", "m0plus,m3,m4,m33,m7,m55,rv32imc")
  .option("--shape <text>", "only shapes whose name contains one of these, e.g. conv3x3_16,fc")
  .option("--zeros <percents>", "zeros among the weights", "50")
  .option("--relu", "activations of 0 to 127 instead of all of int8")
  .option("--level <level>", "of the compiler", "O3")
  .option("--layers", "show each network layer by layer")
  .parse()
  .opts<Options>();

try {
  await withCounter(process.env, undefined, (counter) => main(options, counter));
} catch (error) {
  if (!(error instanceof DiagnosticError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function main(
  { core, shape, zeros, relu = false, level, layers = false }: Options,
  counter: Counter,
): Promise<void> {
  const cores = core.split(",").map((name) => CORES[name] ?? name);
  const shapes = SHAPES.filter(({ id }) => shape === undefined || matches(id, shape));
  for (const id of cores) {
    const [configuration] = configurationList(`${id}:${level}`);
    if (configuration === undefined) continue;
    const rows: string[][] = [];
    for (const each of shapes) {
      for (const percent of zeros.split(",").map(Number)) {
        const found = await run(each, { zeros: percent / 100, relu }, configuration, counter);
        if (layers) console.log(`${targetText(each.id, found)}\n`);
        rows.push(row(each, percent, id, found));
      }
    }
    console.log(
      `${configuration.id}${relu ? ", activations 0 to 127" : ""}\n${table(COLUMNS, rows)}\n`,
    );
  }
}

function matches(id: string, text: string): boolean {
  return text.split(",").some((part) => id.includes(part));
}

async function run(
  shape: Shape,
  draw: { readonly zeros: number; readonly relu: boolean },
  configuration: Configuration,
  counter: Counter,
): Promise<BenchTarget> {
  const network = shape.build(draw);
  const model = { name: shape.id, bytes: new Uint8Array(), external: () => undefined };
  const target = findTarget(configuration.target.id);
  const compiled = generate(network, model, { name: "bench", target });
  const found = await benchmark(compiled, drawnInputs(network, 1, 1), configuration, counter);
  return benchTarget(configuration.id, compiled.facts, found);
}

/** Without a model of the core, instructions are compared. */
function row(shape: Shape, zeros: number, target: string, found: BenchTarget): string[] {
  const { macs, instructions, cycles, flash, ram, layers } = found;
  const peer = peerLayer(shape.peer, target);
  const work = cycles?.max ?? instructions.max;
  const peerWork = peer === null ? null : (peer.cycles ?? peer.instructions);
  return [
    ...[shape.id, `${zeros} %`, layers.map(({ kernel }) => kernel).join(", ")],
    ...[integer(instructions.max), cycles === null ? "" : integer(cycles.max)],
    (work / macs).toFixed(3),
    peerWork === null ? "" : (peerWork / macs).toFixed(3),
    peerWork === null ? "" : `${(peerWork / work).toFixed(2)}x`,
    ((8 * flash.tables) / found.weights).toFixed(2),
    ...[integer(flash.tables), integer(flash.code), integer(ram.arena)],
  ];
}
