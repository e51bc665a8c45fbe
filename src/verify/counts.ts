import { type Diagnostic, fail } from "../diagnostics.js";
import type { EmulatedMachine } from "../targets/index.js";
import * as say from "./diagnostics.js";
import { NS_PER_INSTRUCTION, type ReportLine } from "./run.js";
import type { Count, Instructions } from "./types.js";

/** A stretch of instructions as the clock saw it; `struct span` of firmware/harness/harness.h. */
interface Span {
  readonly index: number;
  /** Ticks of the clock, those during its interrupts included. */
  readonly ticks: number;
  readonly interrupts: number;
}

/** The reports of the plain and of the traced program, both run in `count` mode. */
export interface CountReports {
  readonly plain: readonly ReportLine[];
  readonly traced: readonly ReportLine[];
  readonly layers: number;
}

/**
 * Exact numbers of instructions. A span holds those of the measured call and those of the measuring
 * itself; the same measuring around a call of one instruction (the return of an empty function)
 * gives the latter. Differences of ticks are off by less than one, a quarter of an instruction at
 * most, so that rounding gives the exact number. Throws `verify/wrong-trace`.
 */
export function countInstructions(
  target: string,
  machine: EmulatedMachine,
  { plain, traced, layers }: CountReports,
): { instructions: Instructions | null; remarks: readonly Diagnostic[] } {
  const interrupt = numberOf(plain, "interrupt");
  const known = numberOf(plain, "known");
  const difference = (span: Span, base: Span) => {
    const nanoseconds = ((span.ticks - base.ticks) * 1e9) / machine.clockHz;
    const interrupts = span.interrupts - base.interrupts;
    return Math.round(nanoseconds / NS_PER_INSTRUCTION) - interrupts * interrupt;
  };
  const nothing = spanOf(plain, "nothing-span");
  const call = (span: Span) => difference(span, nothing) + 1;

  const measured = call(spanOf(plain, "known-span"));
  if (measured !== known) {
    return { instructions: null, remarks: [say.notCounted(target, known, measured)] };
  }

  // The first trace of two ends a span with one instruction in it, the second one with none.
  const [first, second] = lastAttempt(traced, "two-traces-span");
  if (first === undefined || second === undefined) {
    fail(say.noResult(target, "it did not measure its tracing", ""));
  }
  const layerCounts = vectorsOf(traced).map((lines) => {
    const spans = lastAttempt(lines, "layer-span");
    if (spans.length !== layers || spans.some((span, index) => span.index !== index)) {
      fail(say.wrongTrace(target, `${spans.length} layers instead of ${layers}`));
    }
    return spans.map((span, index) =>
      index === 0 ? difference(span, first) + 1 : difference(span, second),
    );
  });
  const totals = plain.filter(({ word }) => word === "run-span").map((line) => call(toSpan(line)));
  const perLayer = Array.from({ length: layers }, (_, layer) =>
    summarise(layerCounts.map((counts) => counts[layer] ?? 0)),
  );
  return {
    instructions: { vectors: totals.length, total: summarise(totals), layers: perLayer },
    remarks: [],
  };
}

function summarise(counts: readonly number[]): Count {
  return { min: Math.min(...counts), max: Math.max(...counts) };
}

/** The lines of each vector; each ends with a `vector` line. */
function vectorsOf(report: readonly ReportLine[]): ReportLine[][] {
  const vectors: ReportLine[][] = [];
  let lines: ReportLine[] = [];
  for (const line of report) {
    lines.push(line);
    if (line.word !== "vector") continue;
    vectors.push(lines);
    lines = [];
  }
  return vectors;
}

/** The harness repeats a doubtful measurement: the last time counts. */
function lastAttempt(lines: readonly ReportLine[], word: string): Span[] {
  const end = lines.findLastIndex((line) => line.word === word);
  const attempts = lines.slice(0, end + 1);
  const start = attempts.findLastIndex((line) => line.word === "attempt");
  return attempts.slice(start + 1).map(toSpan);
}

function spanOf(report: readonly ReportLine[], word: string): Span {
  const line = report.find((candidate) => candidate.word === word);
  if (line === undefined) throw new Error(`the harness reported no ${word}`);
  return toSpan(line);
}

function toSpan({ numbers }: ReportLine): Span {
  const [index = 0, period = 0, interrupts = 0, ticks = 0] = numbers;
  return { index, interrupts, ticks: interrupts * period + ticks };
}

function numberOf(report: readonly ReportLine[], word: string): number {
  const value = report.find((line) => line.word === word)?.numbers[0];
  if (value === undefined) throw new Error(`the harness reported no ${word}`);
  return value;
}
