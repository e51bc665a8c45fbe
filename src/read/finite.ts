import { fail } from "../diagnostics.js";
import type { Shape } from "../graph/types.js";
import { notFinite } from "./diagnostics.js";

/** @throws DiagnosticError `read/not-finite`, with the number of elements and the first one's place */
export function demandFinite(
  name: string,
  { data, shape }: { readonly data: ArrayLike<number>; readonly shape: Shape },
): void {
  let count = 0;
  let first = -1;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (count === 0) first = i;
    count++;
  }
  if (count > 0) fail(notFinite(name, shape, count, first));
}
