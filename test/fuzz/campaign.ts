import { availableParallelism } from "node:os";
import type { Plant } from "./amalgam.js";
import type { Bench } from "./bench.js";
import { draw, type Level } from "./case.js";
import { compareAll, type Failure, isFailure, type Trial } from "./compare.js";
import type { GraphTrial } from "./graph-trial.js";

export interface CampaignOptions {
  readonly seed: number;
  /** Networks to try; Infinity for no limit. */
  readonly networks: number;
  /** Milliseconds after which no further batch begins. */
  readonly limitMs: number;
  /** Failures after which no further batch begins; Infinity for no limit. */
  readonly mostFailures: number;
  readonly benches: readonly Bench[];
  readonly levels: readonly Level[];
  readonly plant?: Plant;
  /** Told after each batch. */
  readonly onBatch?: (summary: Summary) => void;
  readonly onFinding?: (finding: Finding) => Promise<void>;
}

/** What failed: the C of a network, or a graph before there was one. */
export type Subject =
  | { readonly kind: "network"; readonly trial: Trial }
  | { readonly kind: "graph"; readonly trial: GraphTrial };

/** A network that failed, and where. */
export interface Finding {
  readonly seed: number;
  readonly level: Level;
  readonly bench: Bench;
  readonly failure: Failure;
  readonly subject: Subject;
}

export interface Summary {
  readonly networks: number;
  readonly inputs: number;
  readonly refused: number;
  readonly failures: number;
}

/**
 * Tries networks of consecutive seeds, a batch on each bench in turn, with each level in turn, and a
 * batch on each of this computer's cores at a time.
 */
export async function runCampaign(options: CampaignOptions): Promise<Summary> {
  const { seed: first, networks, benches, levels } = options;
  const end = performance.now() + options.limitMs;
  let summary: Summary = { networks: 0, inputs: 0, refused: 0, failures: 0 };
  let [started, round] = [0, 0];
  const work = async (): Promise<void> => {
    while (
      started < networks &&
      performance.now() < end &&
      summary.failures < options.mostFailures
    ) {
      const bench = benches[round % benches.length];
      const level = levels[Math.floor(round / benches.length) % levels.length];
      if (bench === undefined || level === undefined) throw new RangeError("nothing to run on");
      const count = Math.min(bench.batch, networks - started);
      const batch = { bench, level, first: first + started, count };
      started += count;
      round++;
      const made = await runBatch(options, batch);
      summary = sumOf(summary, made);
      options.onBatch?.(summary);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return summary;
}

function sumOf(a: Summary, b: Summary): Summary {
  return {
    networks: a.networks + b.networks,
    inputs: a.inputs + b.inputs,
    refused: a.refused + b.refused,
    failures: a.failures + b.failures,
  };
}

interface Batch {
  readonly bench: Bench;
  readonly level: Level;
  readonly first: number;
  readonly count: number;
}

async function runBatch(
  { plant, onFinding }: CampaignOptions,
  { bench, level, first, count }: Batch,
): Promise<Summary> {
  const trials: { seed: number; trial: Trial }[] = [];
  const findings: Finding[] = [];
  let refused = 0;
  for (let seed = first; seed < first + count; seed++) {
    const drawn = draw(level, seed);
    if (drawn.kind === "trial") trials.push({ seed, trial: drawn.trial });
    else if (drawn.kind === "refused") refused++;
    else {
      const subject: Subject = { kind: "graph", trial: drawn.graph };
      findings.push({ seed, level, bench, failure: drawn.failure, subject });
    }
  }
  const outcomes = await compareAll(
    trials.map(({ trial }) => trial),
    bench,
    plant,
  );
  for (const [i, { seed, trial }] of trials.entries()) {
    const outcome = outcomes[i];
    if (outcome === undefined || outcome.kind === "equal") continue;
    if (isFailure(outcome)) {
      const subject: Subject = { kind: "network", trial };
      findings.push({ seed, level, bench, failure: outcome, subject });
    } else refused++;
  }
  for (const finding of findings) await onFinding?.(finding);
  const inputs = trials.reduce((sum, { trial }) => sum + trial.inputs.length, 0);
  return { networks: count, inputs, refused, failures: findings.length };
}

/** Throws the first finding, with the command that tries it again. */
export async function failLoudly(finding: Finding): Promise<never> {
  const { failure } = finding;
  throw new Error(`${failure.kind}: ${failure.detail}\n${reproduction(finding)}`);
}

/** The command that tries a finding's network again. */
export function reproduction({ seed, level, bench }: Finding): string {
  return `npm run fuzz -- --seed ${seed} --networks 1 --target ${bench.configuration.id} --level ${level}`;
}
