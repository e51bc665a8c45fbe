import type { Board } from "../boards/index.js";
import { serialFiles } from "../emit/index.js";
import type { FileMap } from "../emit/types.js";
import { libraryJson } from "../package/library-json.js";
import { frameLibrary } from "./camera.js";
import { goldenHeader } from "./golden.js";
import type { ProjectParts } from "./types.js";

/** Below this a board's flash is too small for what -O2 makes of loops. */
const SMALL_FLASH = 65_536;

/** The network as a library of the project: `lib/<name>`. */
export function networkLibrary(parts: ProjectParts): FileMap {
  const { compiled, board, golden } = parts;
  const { name } = compiled;
  const sources = new Map([
    ...compiled.files,
    ...applicationFiles(parts),
    [`${name}_golden.h`, goldenHeader(compiled, golden)],
  ]);
  return new Map([
    [`lib/${name}/library.json`, libraryJson(compiled, { flags: flagsFor(board) })],
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

function flagsFor({ flash }: Board): string[] {
  return ["-Wall", "-Wextra", ...(flash.limit < SMALL_FLASH ? [] : ["-O2"])];
}
