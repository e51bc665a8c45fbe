import { assetText } from "./assets.js";

/** The version of tritc, from its package. */
export const VERSION: string = versionOf(JSON.parse(assetText("package.json")));

function versionOf(parsed: unknown): string {
  if (typeof parsed === "object" && parsed !== null && "version" in parsed) {
    if (typeof parsed.version === "string") return parsed.version;
  }
  throw new Error("package.json has no version");
}
