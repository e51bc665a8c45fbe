/** The long run: `npm run fuzz -- --help`. */
import { Command, InvalidArgumentError } from "commander";
import { DiagnosticError } from "../../src/diagnostics.js";
import { type Bench, benchesOf } from "./bench.js";
import { type Finding, reproduction, runCampaign, type Summary } from "./campaign.js";
import { LEVELS, type Level } from "./case.js";
import { REGRESSIONS, writeRegression } from "./regression.js";
import { shrink } from "./shrink.js";

interface Options {
  readonly minutes?: number;
  readonly seed: number;
  readonly networks?: number;
  readonly target: readonly Bench[];
  readonly level: readonly Level[];
}

const DEFAULT_MINUTES = 60;

/** After so many failures a run has said what it can. */
const MOST_FAILURES = 10;

const options = new Command("fuzz")
  .description("Compares the C of random networks with the simulator, and shrinks what differs.")
  .option(
    "--minutes <number>",
    `how long to run (${DEFAULT_MINUTES}; no limit with --networks)`,
    positive,
  )
  .option(
    "--seed <number>",
    "the first network's seed",
    integer,
    Math.floor(Date.now() / 1000) % 2 ** 20,
  )
  .option("--networks <number>", "how many networks", positive)
  .option(
    "--target <id>",
    "where to run: native, emulated, all, or as for tritc verify",
    benches,
    benchesOf("all"),
  )
  .option("--level <level>", "network or graph (both in turn)", levels, LEVELS)
  .parse()
  .opts<Options>();

process.exitCode = await main(options);

/** 0: nothing failed; 1: something did. */
async function main({ seed, networks, minutes, target, level }: Options): Promise<number> {
  const limit = minutes ?? (networks === undefined ? DEFAULT_MINUTES : Number.POSITIVE_INFINITY);
  console.log(
    `Seeds from ${seed}, on ${target.map(({ configuration }) => configuration.id).join(", ")}.`,
  );
  const start = performance.now();
  let reported = start;
  const stopping = { failures: 0 };
  const summary = await runCampaign({
    seed,
    networks: networks ?? Number.POSITIVE_INFINITY,
    limitMs: limit * 60_000,
    benches: target,
    levels: level,
    onFinding: async (finding) => {
      await report(finding);
      if (++stopping.failures >= MOST_FAILURES)
        throw new Error(`${MOST_FAILURES} failures: stopped`);
    },
    onBatch: (sofar) => {
      if (performance.now() - reported < 10_000) return;
      reported = performance.now();
      console.log(rateText(sofar, reported - start));
    },
  });
  console.log(rateText(summary, performance.now() - start));
  return summary.failures > 0 ? 1 : 0;
}

function rateText({ networks, inputs, refused, failures }: Summary, ms: number): string {
  const seconds = Math.max(1e-3, ms / 1000);
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  return (
    `${seconds.toFixed(0)} s: ${networks} networks (${(networks / seconds).toFixed(1)}/s), ` +
    `${inputs} inputs, ${refused} refused, ${failures} failed, ${memory} MiB`
  );
}

async function report(finding: Finding): Promise<void> {
  const { seed, level, bench, failure, trial } = finding;
  console.log(
    `FAILED seed ${seed} on ${bench.configuration.id}: ${failure.kind}: ${failure.detail}`,
  );
  console.log(`  ${reproduction(finding)}`);
  if (trial === null) return;
  const shrunk = await shrink(trial, failure, bench);
  const name = `${shrunk.failure.kind}-${level}-${seed}`;
  const why = `Found by \`${reproduction(finding)}\`: ${shrunk.failure.kind}. ${shrunk.failure.detail}`;
  const folder = writeRegression(REGRESSIONS, name, shrunk.trial, why);
  const layers = shrunk.trial.network.layers.map(({ kind }) => kind);
  console.log(`  shrunk in ${shrunk.tried} trials to ${layers.join(", ")}: ${folder}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a number above 0");
  return value;
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("a whole number");
  return value;
}

function benches(id: string): readonly Bench[] {
  try {
    return benchesOf(id);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const [problem] = error.diagnostics;
    throw new InvalidArgumentError(`${problem?.message}; ${problem?.hint}`);
  }
}

function levels(text: string): readonly Level[] {
  const found = LEVELS.filter((level) => level === text);
  if (found.length === 0) throw new InvalidArgumentError(`one of ${LEVELS.join(", ")}`);
  return found;
}
