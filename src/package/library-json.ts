import type { Compiled } from "../compile.js";

/** What a library of PlatformIO's says of itself beyond its name; see `libraryJson`. */
export interface LibraryParts {
  readonly flags: readonly string[];
  readonly examples?: readonly {
    readonly name: string;
    readonly base: string;
    readonly files: readonly string[];
  }[];
}

/**
 * `library.json` (https://docs.platformio.org/en/latest/manifests/library-json/index.html). Without a
 * licence: it is the network's owner's to say, and PlatformIO looks a stated one up in the network.
 */
export function libraryJson(
  { name, provenance }: Compiled,
  { flags, examples }: LibraryParts,
): string {
  const manifest = {
    name,
    version: "1.0.0",
    description: sentenceOf({ provenance }),
    frameworks: "*",
    platforms: "*",
    headers: `${name}.h`,
    build: { flags },
    ...(examples === undefined ? {} : { examples }),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What the library is, safe in every manifest: printable ASCII without quotes. */
export function sentenceOf({ provenance }: Pick<Compiled, "provenance">): string {
  const source = provenance.source.replace(/[^\x20-\x7e]|["'\\=#]/g, "_");
  return `The ternary network of ${source}, compiled by tritc ${provenance.version}`;
}
