import { readFileSync } from "node:fs";

/** The package's own folder, with `templates` and `firmware`, from `src` as from `dist`. */
const ROOT = new URL("../", import.meta.url);

/** Text of a file that ships with tritc, e.g. `firmware/kernels/gather.h`. */
export function assetText(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}
