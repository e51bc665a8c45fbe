import { UnsupportedForm } from "./unsupported.js";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The value of JSON text; undefined if it is none. Python's NaN and Infinity are none either. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * An object of a JSON file, read field by field. A field of another type than asked for throws
 * `UnsupportedForm`: what is being read is then said by the caller.
 */
export class Fields {
  constructor(private readonly all: { readonly [key: string]: Json }) {}

  static of(value: Json | undefined, what: string): Fields {
    if (value === null || typeof value !== "object" || isList(value)) {
      throw new UnsupportedForm(`has ${show(value)} as ${what}; an object is expected`);
    }
    return new Fields(value);
  }

  get keys(): readonly string[] {
    return Object.keys(this.all);
  }

  /** Undefined if it is not there or null. */
  raw(key: string): Json | undefined {
    return Object.hasOwn(this.all, key) ? (this.all[key] ?? undefined) : undefined;
  }

  /** The same fields and one more, or one changed. */
  with(key: string, value: Json): Fields {
    return new Fields({ ...this.all, [key]: value });
  }

  /** A number that float32, in which frameworks compute, can hold. */
  number(key: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    const fits = typeof value === "number" && Number.isFinite(Math.fround(value));
    return fits ? value : this.wrong(key, "a number");
  }

  /** A whole number from `least` on. */
  whole(key: string, least: number, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= least;
    return fits ? value : this.wrong(key, `a whole number from ${least} on`);
  }

  /** Flags are true and false, or 1 and 0 as in Python. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (value === 1 || value === 0) return value === 1;
    return typeof value === "boolean" ? value : this.wrong(key, "true or false");
  }

  text(key: string, fallback?: string): string {
    const value = this.raw(key) ?? fallback;
    return typeof value === "string" ? value : this.wrong(key, "a text");
  }

  list(key: string): readonly Json[] {
    const value = this.raw(key);
    return isList(value) ? value : this.wrong(key, "a list");
  }

  /** `count` whole numbers from `least` on; a single number stands for all of them. */
  wholes(key: string, count: number, least: number, fallback?: number): readonly number[] {
    const value = this.raw(key) ?? fallback;
    const list = typeof value === "number" ? new Array<Json>(count).fill(value) : value;
    const wholes = isList(list) ? list.filter((n) => typeof n === "number") : [];
    const fits = wholes.every((n) => Number.isSafeInteger(n) && n >= least);
    return fits && isList(list) && list.length === count && wholes.length === count
      ? wholes
      : this.wrong(key, `${count} whole numbers from ${least} on`);
  }

  fields(key: string): Fields {
    return Fields.of(this.raw(key), key);
  }

  private wrong(key: string, expected: string): never {
    const value = this.raw(key);
    throw new UnsupportedForm(
      value === undefined
        ? `says nothing of ${key}; ${expected} is expected`
        : `has ${show(value)} as ${key}; ${expected} is expected`,
    );
  }
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function show(value: Json | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
