import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's own folder, with `templates` and `firmware`, from `src` as from `dist`. */
const ROOT = new URL("../", import.meta.url);

/** Text of a file that ships with tritc, e.g. `firmware/kernels/gather.h`. */
export function assetText(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

/** Absolute path of a file that ships with tritc, for tools that want one. */
export function assetPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
