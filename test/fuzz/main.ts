/** The long run: `npm run fuzz -- --help`. */
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { DiagnosticError } from "../../src/diagnostics.js";
import { diagnosticText } from "../../src/report/diagnostics.js";
import { type Bench, benchesOf } from "./bench.js";
import { type Finding, reproduction, runCampaign, type Summary } from "./campaign.js";
import { LEVELS, type Level } from "./case.js";
import { GRAPH_REGRESSIONS, writeGraphRegression } from "./graph-regression.js";
import { shrinkGraph } from "./graph-shrink.js";
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

try {
  process.exitCode = await main(options);
} catch (error) {
  // A tool that is missing or broken is no finding.
  if (!(error instanceof DiagnosticError)) throw error;
  for (const diagnostic of error.diagnostics) console.error(diagnosticText(diagnostic, pc));
  process.exitCode = error.exitCode;
}

/** 0: nothing failed; 1: something did. */
async function main({ seed, networks, minutes, target, level }: Options): Promise<number> {
  const limit = minutes ?? (networks === undefined ? DEFAULT_MINUTES : Number.POSITIVE_INFINITY);
  console.log(
    `Seeds from ${seed}, on ${target.map(({ configuration }) => configuration.id).join(", ")}.`,
  );
  const start = performance.now();
  let reported = start;
  const summary = await runCampaign({
    seed,
    networks: networks ?? Number.POSITIVE_INFINITY,
    limitMs: limit * 60_000,
    benches: target,
    levels: level,
    mostFailures: MOST_FAILURES,
    onFinding: report,
    onBatch: (sofar) => {
      if (performance.now() - reported < 10_000) return;
      reported = performance.now();
      console.log(rateText(sofar, reported - start));
    },
  });
  console.log(rateText(summary, performance.now() - start));
  if (summary.failures >= MOST_FAILURES) console.log(`Stopped after ${summary.failures} failures.`);
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
  const { seed, level, bench, failure, subject } = finding;
  console.log(
    `FAILED seed ${seed} on ${bench.configuration.id}: ${failure.kind}: ${failure.detail}`,
  );
  console.log(`  ${reproduction(finding)}`);
  const named = (kind: string): string => `${kind}-${level}-${seed}`;
  const why = (kind: string, detail: string): string =>
    `Found by \`${reproduction(finding)}\`: ${kind}. ${detail}`;
  if (subject.kind === "graph") {
    const { trial, failure: last, tried } = shrinkGraph(subject.trial, failure);
    const text = why(last.kind, last.detail);
    const folder = writeGraphRegression(GRAPH_REGRESSIONS, named(last.kind), trial, text);
    tell(trial.graph.nodes, tried, folder);
    return;
  }
  const { trial, failure: last, tried } = await shrink(subject.trial, failure, bench);
  const text = why(last.kind, last.detail);
  const folder = writeRegression(REGRESSIONS, named(last.kind), trial, text);
  tell(trial.network.layers, tried, folder);
}

function tell(parts: readonly { readonly kind: string }[], tried: number, folder: string): void {
  const kinds = parts.map(({ kind }) => kind);
  console.log(`  shrunk in ${tried} trials to ${kinds.join(", ")}: ${folder}`);
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
