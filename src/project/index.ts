import { assetText } from "../assets.js";
import { bytesOf, type Needs, roomIn } from "../boards/fit.js";
import type { CompiledForBoard } from "../boards/generate.js";
import type { Board, Platform } from "../boards/index.js";
import { commentText } from "../emit/names.js";
import { render, type View } from "../emit/templates.js";
import type { FileMap } from "../emit/types.js";
import { formatManifest, manifestName } from "../io/manifest.js";
import type { Network } from "../network/types.js";
import { type CameraOptions, cameraRam, cameraSetup, cameraSources } from "./camera.js";
import { emulatedPlatform } from "./emulated.js";
import { goldenVectors } from "./golden.js";
import { platformioIni } from "./ini.js";
import { networkLibrary } from "./library.js";
import { readmeText } from "./readme.js";
import type { App, Application, ProjectParts } from "./types.js";

export { type CameraOptions, isColourBlind } from "./camera.js";
export { APPS, type App, type Application, type ProjectParts } from "./types.js";

/** The application, set up for a network. Throws for `camera` what `cameraSetup` throws. */
export function applicationOf(
  kind: App,
  network: Network,
  board: Board,
  camera: CameraOptions,
): Application {
  return kind === "camera" ? { kind, setup: cameraSetup(network, board, camera) } : { kind };
}

/** Bytes of RAM that an application takes beside what the table of boards counts for it. */
export function appRamOf(app: Application, board: Board, network: Network): number {
  switch (app.kind) {
    case "camera":
      return cameraRam(app.setup, board);
    case "serial":
      // It keeps input and output, which a workstation may ask for again.
      return bytesOf(network, network.input.tensor) + bytesOf(network, network.output.tensor);
    case "bench":
      return 0;
    default:
      return app satisfies never;
  }
}

export interface ProjectOptions {
  readonly board: Board;
  readonly app: Application;
  /** The command that makes the project, for its README. */
  readonly command: string;
}

/** Bytes of golden vectors: all that tests need, or half of the flash that a small board has left. */
const MOST_GOLDEN = 16_384;

function goldenBytes({ flash }: Board, needs: Needs): number {
  return Math.min(MOST_GOLDEN, (roomIn(flash) - needs.flash) / 2);
}

/** What a project is made from: simulates the golden vectors. */
export async function projectParts(
  compiled: CompiledForBoard,
  { board, app, command }: ProjectOptions,
): Promise<ProjectParts> {
  const { network, needs } = compiled;
  const golden = await goldenVectors(network, goldenBytes(board, needs));
  return { board, app, compiled, needs, golden, command };
}

/** The files of a PlatformIO project, complete. */
export function projectFiles(parts: ProjectParts): FileMap {
  const { board, compiled } = parts;
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
    ...inFolder("src", applicationSources(parts, view)),
    ...boardLibrary(board),
    ...networkLibrary(parts),
    [`lib/${name}/src/${manifestName(name)}`, formatManifest(compiled)],
    ["test/test_custom_runner.py", assetText("firmware/project/test_custom_runner.py")],
    ["test/test_golden/test_main.c", render("project/golden.c.hbs", view)],
    ...(board.platform.kind === "emulated" ? emulatedPlatform(board) : []),
  ]);
}

function applicationSources(parts: ProjectParts, view: View): FileMap {
  const { app } = parts;
  switch (app.kind) {
    case "camera":
      return cameraSources(app.setup, parts);
    case "serial":
    case "bench":
      return new Map([["main.c", render(`project/${app.kind}.c.hbs`, view)]]);
    default:
      return app satisfies never;
  }
}

const BOARD_SOURCES: Readonly<Record<Platform["kind"], string>> = {
  arduino: "board_arduino.cpp",
  emulated: "board_emulated.c",
};

/** `lib/tritc_board`, for the board and for tests on this computer. */
function boardLibrary({ platform }: Board): FileMap {
  const sources = [
    ...["tritc_board.h", "tritc_board.c", "board_host.c"],
    BOARD_SOURCES[platform.kind],
  ];
  return new Map([
    ["lib/tritc_board/library.json", assetText("firmware/board/library.json")],
    ...sources.map(
      (file) => [`lib/tritc_board/src/${file}`, assetText(`firmware/board/src/${file}`)] as const,
    ),
    ["lib/tritc_board/src/tritc_ticks.h", assetText("firmware/serial/tritc_ticks.h")],
  ]);
}

function inFolder(folder: string, files: FileMap): FileMap {
  return new Map([...files].map(([file, text]) => [`${folder}/${file}`, text]));
}
