/** Figures beside a peer's: `npm run bench -- --help`. */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Counter, withCounter } from "../../src/bench/counter.js";
import { DiagnosticError } from "../../src/diagnostics.js";
import type { WeightKind } from "../../src/network/types.js";
import { OPTIMIZATIONS, type Optimization } from "../../src/plan/index.js";
import { type Configuration, configurationList } from "../../src/verify/index.js";
import { costErrors, costsText } from "./costs.js";
import type { Codes } from "./draw.js";
import { NETWORKS } from "./networks.js";
import { type NetworkResult, type Result, runNetwork, runShape, type Setting } from "./run.js";
import { SHAPES } from "./shapes.js";
import { layersText, networksText, profileText, shapesText, summaryText } from "./tables.js";

interface Options {
  readonly core: readonly string[];
  readonly shape?: readonly string[];
  readonly network?: readonly string[];
  readonly optimize: readonly Optimization[];
  readonly kernel?: string;
  readonly zeros: readonly number[];
  readonly relu?: boolean;
  readonly weights: WeightKind;
  readonly codes?: Codes;
  readonly level: string;
  readonly layers?: boolean;
  readonly costs?: boolean;
  readonly profile?: boolean;
  readonly json?: string;
}

/** Short names of cores. */
const CORES: Readonly<Record<string, string>> = {
  m0: "cortex-m0",
  m0p: "cortex-m0plus",
  m3: "cortex-m3",
  m4: "cortex-m4",
  m7: "cortex-m7",
  m33: "cortex-m33",
  m55: "cortex-m55",
};

const ALL_CORES = ["m0p", "m3", "m4", "m33", "m7", "m55", "rv32imc"];

const options = new Command("bench")
  .description("Counts what layers and networks take, beside what CMSIS-NN's int8 takes.")
  .option("--core <cores>", "e.g. m4,m0p,rv32imc", words, ALL_CORES)
  .option("--shape <names>", "only shapes with one of these in their names; none: `-`", words)
  .option("--network <names>", "only networks with one of these in their names; none: `-`", words)
  .option("--optimize <goals>", OPTIMIZATIONS.join(", "), goals, ["size", "speed"])
  .option("--kernel <text>", "take kernels with it in their names wherever they can")
  .option("--zeros <percents>", "zeros among the weights", percents, [50])
  .option("--relu", "inputs of 0 to 127 instead of all of int8, for shapes")
  .addOption(
    new Option("--weights <kind>", "what weights are drawn")
      .choices(["binary", "ternary", "int4", "int8"])
      .default("ternary"),
  )
  .addOption(
    new Option("--codes <codes>", "activations of few bits instead").choices(["signs", "two-bit"]),
  )
  .option("--level <level>", "of the compiler: O2, O3, Os", "O3")
  .option("--layers", "show networks layer by layer")
  .option("--costs", "instead, what each kernel was planned to take for a spread of layers")
  .option("--profile", "show the instructions that take the time")
  .option("--json <file>", "write the results there, too")
  .parse()
  .opts<Options>();

try {
  await withCounter(process.env, undefined, (counter) => main(options, counter));
} catch (error) {
  if (!(error instanceof DiagnosticError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function main(options: Options, counter: Counter): Promise<void> {
  const { core, shape, network, relu = false, level } = options;
  const cores = core.map((name) => CORES[name] ?? name);
  const configurations = configurationList(cores.map((id) => `${id}:${level}`).join(","));
  // Asked for one of the two, the other is left out.
  const shapes = shape === undefined && network !== undefined ? [] : named(SHAPES, shape);
  const networks = network === undefined && shape !== undefined ? [] : named(NETWORKS, network);
  const ofShapes: Result[] = [];
  const ofNetworks: NetworkResult[] = [];
  if (options.costs === true) {
    for (const configuration of configurations) {
      console.log(`${costsText(await costErrors(configuration, counter))}\n`);
    }
    return;
  }
  for (const configuration of configurations) {
    console.log(`${configuration.id}`);
    const own = await inTurn(shapes, settings(configuration, options, relu), (each, setting) =>
      runShape(each, setting, counter),
    );
    if (own.length > 0) console.log(`${shapesText(own)}\n`);
    const whole = await inTurn(networks, settings(configuration, options, true), (each, setting) =>
      runNetwork(each, setting, counter),
    );
    if (whole.length > 0) console.log(`${networksText(whole)}\n`);
    if (options.layers === true) {
      for (const each of whole) {
        console.log(`${each.id}, ${each.effort}\n${layersText(each)}\n`);
      }
    }
    if (options.profile === true) {
      for (const each of [...own, ...whole]) {
        console.log(`${each.id}, ${each.effort}\n${profileText(each)}\n`);
      }
    }
    ofShapes.push(...own);
    ofNetworks.push(...whole);
  }
  console.log(summaryText(ofShapes, ofNetworks));
  if (options.json !== undefined) {
    const json = { shapes: ofShapes.map(withoutProfile), networks: ofNetworks.map(withoutProfile) };
    writeFileSync(options.json, `${JSON.stringify(json, null, 1)}\n`);
  }
}

function withoutProfile<R extends Result>({ profile: _, ...rest }: R): Omit<R, "profile"> {
  return rest;
}

function settings(
  configuration: Configuration,
  { zeros, optimize, kernel, weights, codes }: Options,
  relu: boolean,
): readonly Setting[] {
  return optimize.flatMap((effort) =>
    zeros.map((percent) => ({
      ...{ configuration, effort, kernel: kernel ?? null },
      draw: { zeros: percent / 100, relu, weights, ...(codes === undefined ? {} : { codes }) },
    })),
  );
}

async function inTurn<C, R>(
  cases: readonly C[],
  settings: readonly Setting[],
  run: (each: C, setting: Setting) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const each of cases) {
    for (const setting of settings) results.push(await run(each, setting));
  }
  return results;
}

function named<T extends { readonly id: string }>(
  all: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  if (names === undefined) return all;
  return all.filter(({ id }) => names.some((name) => id.includes(name)));
}

function words(text: string): readonly string[] {
  return text.split(",");
}

function goals(text: string): readonly Optimization[] {
  const found = OPTIMIZATIONS.filter((goal) => words(text).includes(goal));
  if (found.length === words(text).length) return found;
  throw new InvalidArgumentError(`some of ${OPTIMIZATIONS.join(", ")}`);
}

function percents(text: string): readonly number[] {
  const found = words(text).map(Number);
  if (found.every((percent) => percent >= 0 && percent <= 100)) return found;
  throw new InvalidArgumentError("numbers from 0 to 100, separated by commas");
}
