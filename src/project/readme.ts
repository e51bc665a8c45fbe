import { roomIn } from "../boards/fit.js";
import { shellWord } from "../compile.js";
import { render } from "../emit/templates.js";
import { inputText, outputText } from "../report/ends.js";
import { bytes } from "../report/format.js";
import type { CameraSetup } from "./camera.js";
import { EMULATED_PORT } from "./ini.js";
import type { ProjectParts } from "./types.js";

/** README.md of a project: one page. */
export function readmeText(parts: ProjectParts): string {
  const { board, compiled, needs, command } = parts;
  const { name, provenance, facts } = compiled;
  const emulated = board.platform.kind === "emulated";
  return render("project/README.md.hbs", {
    name,
    command,
    board: board.name,
    source: provenance.source,
    version: provenance.version,
    inputs: inputText(facts),
    outputs: outputText(facts),
    flashNeeded: bytes(needs.flash),
    ramNeeded: bytes(needs.ram),
    flashRoom: bytes(roomIn(board.flash)),
    ramRoom: bytes(roomIn(board.ram)),
    wiring: list(board.wiring),
    downloads:
      board.platform.kind === "arduino"
        ? `the platform ${board.platform.name}@${board.platform.version} and its compiler`
        : "PlatformIO's build tool; compiler and QEMU are those in PATH",
    moreTests: emulated ? `\n    pio test -e ${board.id}` : "",
    flash: emulated
      ? "pio run -t upload"
      : "tritc flash        # finds the port; or pio run -t upload",
    upload: list(board.upload),
    expected: expectedText(parts, emulated),
  });
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function expectedText(parts: ProjectParts, emulated: boolean): string {
  switch (parts.app.kind) {
    case "camera":
      return cameraText(parts.app.setup, emulated);
    case "bench":
      return benchText(emulated);
    case "serial":
      return serialText(parts, emulated);
    default:
      return parts.app satisfies never;
  }
}

/** Where a person finds the board's serial line. */
function portOf(emulated: boolean): string {
  return emulated ? `tcp:127.0.0.1:${EMULATED_PORT}` : "/dev/ttyUSB0";
}

function benchText(emulated: boolean): string {
  const shown = emulated ? "The terminal shows" : "`pio device monitor` shows";
  return [
    `${shown} a line for every ten inferences: microseconds in all, the least and the`,
    "most ticks of one, and whether the output is right. For example:",
    "",
    '    {"runs":10,"micros":41230,"ticks_min":494711,"ticks_max":494790,"ticks_per_second":120000000,"counter":"DWT","equal":true}',
    ...(emulated
      ? [
          "",
          "In QEMU a tick is emulated time: it counts instructions, not cycles of a real core. There the",
          "program ends after three lines.",
        ]
      : []),
  ].join("\n");
}

function serialText({ compiled }: ProjectParts, emulated: boolean): string {
  const { name, provenance } = compiled;
  return [
    emulated
      ? "Nothing: the board waits for requests. In another terminal,"
      : "Nothing on a monitor: the board waits for requests. With the monitor closed,",
    "",
    `    tritc verify ${shellWord(provenance.source)} --port ${portOf(emulated)}`,
    "",
    "sends inputs to the board and compares every output with the simulator, bit for bit. With",
    `\`-D ${name.toUpperCase()}_TRACE\` in build_flags, \`--layers\` compares every layer.`,
  ].join("\n");
}

function cameraText({ driver, format, input, labels }: CameraSetup, emulated: boolean): string {
  const { width, height } = input.picture;
  const sent = driver === "serial";
  return [
    ...(sent
      ? [
          "The board has no camera: it asks for frames, and the computer sends it those of a folder,",
          `${emulated ? "in another terminal while the board runs" : "by the serial line"}:`,
          "",
          `    tritc monitor --port ${portOf(emulated)} --send images`,
          "",
          "It shows for each frame",
        ]
      : [
          "`tritc monitor` shows, with `--picture` beside what the network sees, and `pio device monitor` as",
          "lines of JSON, for each frame",
        ]),
    "the class of the highest score, the class that most of the last frames had, microseconds of each",
    "stage, and free RAM. For example:",
    "",
    `    {"frame":17,"class":1,"label":"${labels?.[1] ?? "1"}","score":812,"steady":1,"us":{"capture":41200,"prepare":5310,"infer":48760},"free":118432}`,
    "",
    `Frames have ${format.width} x ${format.height} pixels (${format.pixels})${sent ? "" : `, cropped and resized to the ${width} x ${height} that the network sees`}. What the`,
    "board does about a class stands in `src/app_act.c`: it lights its LED for class 1.",
    "`src/app_config.h` lists what `src/board_config.h` can change.",
  ].join("\n");
}
