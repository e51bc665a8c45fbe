import { assetText } from "../assets.js";
import { checkFit, needsOf } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import type { Compiled } from "../compile.js";
import { commentText } from "../emit/names.js";
import { render } from "../emit/templates.js";
import type { FileMap } from "../emit/types.js";
import { formatManifest, manifestName } from "../io/manifest.js";
import { emulatedPlatform } from "./emulated.js";
import { goldenVectors } from "./golden.js";
import { platformioIni } from "./ini.js";
import { networkLibrary } from "./library.js";
import { readmeText } from "./readme.js";
import type { App, ProjectParts } from "./types.js";

export { APPS, type App, type ProjectParts } from "./types.js";

export interface ProjectOptions {
  readonly board: Board;
  readonly app: App;
  /** The command that makes the project, for its README. */
  readonly command: string;
}

/**
 * What a project is made from: checks that the network fits the board, and simulates the golden
 * vectors. Throws `plan/too-big-for-board`.
 */
export async function projectParts(
  compiled: Compiled,
  { board, app, command }: ProjectOptions,
): Promise<ProjectParts> {
  checkFit(board, compiled.plan, compiled.facts);
  const needs = needsOf(compiled.plan, compiled.facts);
  const golden = await goldenVectors(compiled.network, board, needs);
  return { board, app, compiled, needs, golden, command };
}

/** The files of a PlatformIO project, complete. */
export function projectFiles(parts: ProjectParts): FileMap {
  const { board, app, compiled } = parts;
  const { name, provenance, facts } = compiled;
  const view = {
    name,
    upper: name.toUpperCase(),
    source: commentText(provenance.source),
    integers: facts.output.type !== "float32",
  };
  return new Map([
    ["README.md", readmeText(parts)],
    ["platformio.ini", platformioIni(parts)],
    [".gitignore", ".pio/\n"],
    ["src/main.c", render(`project/${app}.c.hbs`, view)],
    ...boardLibrary(),
    ...networkLibrary(parts),
    [`lib/${name}/src/${manifestName(name)}`, formatManifest(compiled)],
    ["test/test_custom_runner.py", assetText("firmware/project/test_custom_runner.py")],
    ["test/test_golden/test_main.c", render("project/golden.c.hbs", view)],
    ...(board.platform.kind === "emulated" ? emulatedPlatform(board) : []),
  ]);
}

const BOARD_SOURCES = [
  "tritc_board.h",
  "tritc_board.c",
  "board_arduino.cpp",
  "board_emulated.c",
  "board_host.c",
] as const;

function boardLibrary(): FileMap {
  return new Map([
    ["lib/tritc_board/library.json", assetText("firmware/board/library.json")],
    ...BOARD_SOURCES.map(
      (file) => [`lib/tritc_board/src/${file}`, assetText(`firmware/board/src/${file}`)] as const,
    ),
    ["lib/tritc_board/src/tritc_ticks.h", assetText("firmware/serial/tritc_ticks.h")],
  ]);
}
