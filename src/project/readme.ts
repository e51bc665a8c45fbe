import { roomIn } from "../boards/fit.js";
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
    flash: bytes(needs.flash),
    ram: bytes(needs.ram),
    flashRoom: bytes(roomIn(board.flash)),
    ramRoom: bytes(roomIn(board.ram)),
    wiring: list(board.wiring),
    downloads:
      board.platform.kind === "arduino"
        ? `the platform ${board.platform.name}@${board.platform.version} and its compiler`
        : "PlatformIO's build tool; compiler and QEMU are those in PATH",
    moreTests: emulated ? `\n    pio test -e ${board.id}` : "",
    monitor: emulated ? "" : "\n    pio device monitor",
    upload: list(board.upload),
    expected: expectedText(parts, emulated),
  });
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function expectedText(parts: ProjectParts, emulated: boolean): string {
  const { app, compiled } = parts;
  const { provenance } = compiled;
  switch (app.kind) {
    case "camera":
      return cameraText(app.setup, parts);
    case "bench":
      return [
        "A line for every ten inferences: microseconds in all, the least and the most ticks of one,",
        "and whether the output is right:",
        "",
        '    {"runs":10,"micros":41230,"ticks_min":494711,"ticks_max":494790,"ticks_per_second":120000000,"counter":"DWT","equal":true}',
        ...(emulated
          ? [
              "",
              "In QEMU a tick is emulated time: it counts instructions, not cycles of a real core.",
              "There the program ends after three lines.",
            ]
          : []),
      ].join("\n");
    case "serial":
      return [
        `Nothing on the monitor: the board waits for requests. Close the monitor, and`,
        "",
        `    tritc verify ${provenance.source} --port ${emulated ? `tcp:127.0.0.1:${EMULATED_PORT}` : "/dev/ttyUSB0"}`,
        "",
        "sends inputs to the board and compares every output with the simulator, bit for bit. With",
        `\`-D ${compiled.name.toUpperCase()}_TRACE\` in build_flags, \`--layers\` compares every layer.`,
      ].join("\n");
    default:
      return app satisfies never;
  }
}

function cameraText({ driver, format, input, labels }: CameraSetup, parts: ProjectParts): string {
  const { picture } = input;
  return [
    `A line of JSON for each frame: the class of the highest score, the class that most of the last`,
    "frames showed, microseconds of each stage, and free RAM:",
    "",
    `    {"frame":17,"class":1,"label":"${labels?.[1] ?? "1"}","score":812,"steady":1,"us":{"capture":41200,"prepare":5310,"infer":48760},"free":118432}`,
    "",
    `The frames of ${format.width} x ${format.height} pixels (${format.pixels}) are cropped and resized to the`,
    `${picture.width} x ${picture.height} that the network sees. \`src/app_act.c\` says what the board does about a class: it`,
    "lights its LED for class 1. `src/app_config.h` lists what `src/board_config.h` can change.",
    ...(driver === "serial" ? ["", ...senderText(parts)] : []),
  ].join("\n");
}

function senderText({ board }: ProjectParts): string[] {
  const port =
    board.platform.kind === "emulated" ? `tcp:127.0.0.1:${EMULATED_PORT}` : "/dev/ttyUSB0";
  return [
    "The board has no camera: it asks for frames, and the computer sends them:",
    "",
    `    tritc monitor --port ${port} --send images`,
  ];
}
