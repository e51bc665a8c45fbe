import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GraphTrial } from "./graph-trial.js";

/** A graph that once meant something else to the simulator. */
export interface GraphRegression {
  readonly name: string;
  readonly trial: GraphTrial;
  /** What went wrong, for people. */
  readonly why: string;
}

export const GRAPH_REGRESSIONS = "test/regression/graphs";

/** Writes `<folder>/<name>`: trial.json and why.md. Returns the folder. */
export function writeGraphRegression(
  root: string,
  name: string,
  trial: GraphTrial,
  why: string,
): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "trial.json"), `${JSON.stringify(trial, encode, 1)}\n`);
  writeFileSync(join(folder, "why.md"), `${why}\n`);
  return folder;
}

/** Every regression of a folder, which need not be there. */
export function readGraphRegressions(root: string): GraphRegression[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).map((name) => {
    const text = (file: string): string => readFileSync(join(root, name, file), "utf8");
    return { name, trial: JSON.parse(text("trial.json"), decode), why: text("why.md") };
  });
}

const ARRAYS = { Int32Array, Float32Array, Float64Array } as const;

/** What JSON has no words for, as an object with one key: the type. */
function encode(_: string, value: unknown): unknown {
  if (value instanceof Map) return { Map: [...value] };
  if (typeof value === "number" && !Number.isFinite(value)) return { Number: String(value) };
  if (Object.is(value, -0)) return { Number: "-0" };
  for (const [name, type] of Object.entries(ARRAYS)) {
    if (value instanceof type) return { [name]: [...value] };
  }
  return value;
}

function decode(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const [[name, data] = [undefined, undefined], ...rest] = Object.entries(value);
  if (rest.length > 0) return value;
  if (name === "Number") return Number(data);
  if (name === "Map" && Array.isArray(data)) return new Map(data);
  const type = Object.entries(ARRAYS).find(([known]) => known === name)?.[1];
  return type !== undefined && Array.isArray(data) ? type.from(data) : value;
}
