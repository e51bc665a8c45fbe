import { serialFiles } from "../emit/index.js";
import { commentText } from "../emit/names.js";
import type { FileMap } from "../emit/types.js";
import { frameLibrary } from "./camera.js";
import { goldenHeader } from "./golden.js";
import type { ProjectParts } from "./types.js";

/** Below this a board's flash is too small for what -O2 makes of loops. */
const SMALL_FLASH = 65_536;

/** The network as a library of the project: `lib/<name>`. */
export function networkLibrary(parts: ProjectParts): FileMap {
  const { compiled } = parts;
  const { name } = compiled;
  const sources = new Map([
    ...compiled.files,
    ...applicationFiles(parts),
    [`${name}_golden.h`, goldenHeader(parts)],
  ]);
  return new Map([
    [`lib/${name}/library.json`, libraryJson(parts)],
    ...[...sources].map(([file, text]) => [`lib/${name}/src/${file}`, text] as const),
  ]);
}

/** The counters of tritc_ticks.h come with the board's library. */
function applicationFiles(parts: ProjectParts): FileMap {
  const { app, compiled } = parts;
  const { network, name, provenance } = compiled;
  switch (app.kind) {
    case "camera":
      return frameLibrary(app.setup, parts);
    case "serial":
      return new Map(
        [...serialFiles(network, name, provenance)].filter(([file]) => file !== "tritc_ticks.h"),
      );
    case "bench":
      return new Map();
    default:
      return app satisfies never;
  }
}

/** https://docs.platformio.org/en/latest/manifests/library-json/index.html */
function libraryJson({ compiled, board }: ProjectParts): string {
  const { name, provenance } = compiled;
  const manifest = {
    name,
    version: "1.0.0",
    description: `The network of ${commentText(provenance.source)}, compiled by tritc ${provenance.version}`,
    frameworks: "*",
    platforms: "*",
    headers: `${name}.h`,
    build: { flags: ["-Wall", "-Wextra", ...(board.flash.limit < SMALL_FLASH ? [] : ["-O2"])] },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
