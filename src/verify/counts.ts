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
  /** Longer than the clock can tell; the numbers mean nothing then. */
  readonly overrun: boolean;
}

/** The reports of the plain and of the traced program, both run in `count` mode. */
export interface CountReports {
  readonly plain: readonly ReportLine[];
  readonly traced: readonly ReportLine[];
  readonly layers: number;
}

/**
 * Exact numbers of instructions, or a remark that says why the clock cannot be trusted.
 * Throws `verify/wrong-trace` when the traced layers are not `0 ... layers - 1`.
 */
export function countInstructions(
  target: string,
  machine: EmulatedMachine,
  { plain, traced, layers }: CountReports,
): { instructions: Instructions | null; remarks: readonly Diagnostic[] } {
  const { calls, known, measured } = countCalls(machine, plain);
  if (measured !== known) {
    return { instructions: null, remarks: [say.notCounted(target, known, measured)] };
  }
  if (overran([...plain, ...traced])) {
    return { instructions: null, remarks: [say.tooLongToCount(target)] };
  }
  const ofVectors = countLayers(target, machine, traced, layers);
  const ofLayers = Array.from({ length: layers }, (_, layer) =>
    summarise(ofVectors.map((counts) => counts[layer] ?? 0)),
  );
  return {
    instructions: { vectors: calls.length, total: summarise(calls), layers: ofLayers },
    remarks: [],
  };
}

/**
 * The instructions of each measured call, and of a loop of a `known` number as they were measured.
 * A span holds the instructions of the call and those of the measuring; the same measuring around
 * a call of one instruction, the return of an empty function, gives the latter.
 */
export function countCalls(
  machine: EmulatedMachine,
  report: readonly ReportLine[],
): { calls: number[]; known: number; measured: number } {
  const difference = meter(machine, report);
  const nothing = spanOf(report, "nothing-span");
  const call = (span: Span) => difference(span, nothing) + 1;
  const runs = report.filter(({ word }) => word === "run-span");
  return {
    calls: runs.map((line) => call(toSpan(line))),
    known: numberOf(report, "known"),
    measured: call(spanOf(report, "known-span")),
  };
}

function overran(report: readonly ReportLine[]): boolean {
  return report.some((line) => line.word.endsWith("-span") && toSpan(line).overrun);
}

/** The instructions of each layer, for each vector. */
function countLayers(
  target: string,
  machine: EmulatedMachine,
  report: readonly ReportLine[],
  layers: number,
): number[][] {
  const difference = meter(machine, report);
  // Two traces in a row: the first ends a span with a few instructions in it, the second with none.
  const [first, second] = lastAttempt(report, "two-traces-span");
  if (first === undefined || second === undefined) {
    fail(say.noResult(target, "it did not measure its tracing", ""));
  }
  const pushed = numberOf(report, "two-traces");
  return vectorsOf(report).map((lines) => {
    const spans = lastAttempt(lines, "layer-span");
    if (spans.length !== layers || spans.some((span, index) => span.index !== index)) {
      fail(say.wrongTrace(target, `${spans.length} layers instead of ${layers}`));
    }
    return spans.map((span, index) =>
      index === 0 ? difference(span, first) + pushed : difference(span, second),
    );
  });
}

/**
 * How many instructions one span holds more than another. A difference of ticks is off by less
 * than one, which is less than half an instruction: rounding gives the exact number.
 */
function meter(
  machine: EmulatedMachine,
  report: readonly ReportLine[],
): (span: Span, base: Span) => number {
  const perInterrupt = numberOf(report, "interrupt");
  return (span, base) => {
    const nanoseconds = ((span.ticks - base.ticks) * 1e9) / machine.clockHz;
    const interrupts = span.interrupts - base.interrupts;
    return Math.round(nanoseconds / NS_PER_INSTRUCTION) - interrupts * perInterrupt;
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
  const [index = 0, period = 0, interrupts = 0, ticks = 0, overrun = 0] = numbers;
  return { index, interrupts, ticks: interrupts * period + ticks, overrun: overrun !== 0 };
}

function numberOf(report: readonly ReportLine[], word: string): number {
  const value = report.find((line) => line.word === word)?.numbers[0];
  if (value === undefined) throw new Error(`the harness reported no ${word}`);
  return value;
}
