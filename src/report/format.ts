import type { Exactness, Range } from "../network/types.js";

/** Numbers and names as reports print them. */

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `15,248` */
export function integer(value: number): string {
  return GROUPED.format(value);
}

/** `5,012 B` */
export function bytes(value: number): string {
  return `${integer(value)} B`;
}

/** `12 layers`, `1 layer` */
export function plural(count: number, noun: string): string {
  return `${integer(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `33.1 %` of a share between 0 and 1. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `412,345`, or `412,345 .. 412,400` where the ends differ. */
export function interval({ low, high }: Range): string {
  return low === high ? integer(low) : `${integer(low)} .. ${integer(high)}`;
}

/** `[1, 28, 28]` */
export function shape(sizes: readonly number[]): string {
  return `[${sizes.join(", ")}]`;
}

/** How far a requantisation is from exact arithmetic, in a few words. */
export function exactness(value: Exactness): string {
  switch (value.kind) {
    case "exact":
      return "exact";
    case "bounded":
      return (
        `exact but for at most ${integer(value.most)} of ${integer(value.of)} operands, ` +
        `within ${value.within.toPrecision(2)} steps of a break`
      );
    case "rounded":
      return `rounded, off by at most ${value.bound.toPrecision(2)} steps`;
    default:
      return value satisfies never;
  }
}

/** Text that a file supplied, without characters that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) => (c === "\n" || c === "\t" ? c : "?"));
}
