import { fail } from "../diagnostics.js";
import { frameFormat } from "../frame/diagnostics.js";
import { type FrameFormat, isPixelFormat } from "../frame/formats.js";
import type { Frames } from "../frame/frames.js";
import { END_MESSAGE, frameMessage } from "../frame/send.js";
import { readFrames } from "../io/frames.js";
import type { Event, Wanted } from "../monitor/events.js";
import { pictureCollector, pictureLines } from "../monitor/picture.js";
import { eventText } from "../monitor/text.js";
import { type Seen, watch } from "../monitor/watch.js";
import { plural, printable } from "../report/format.js";
import { choosePort } from "../serial/ports.js";
import { openTransport } from "../serial/transport.js";
import { interruptible } from "./interrupt.js";
import { examples, JSON_FLAG, notEmpty, wholeNumber } from "./options.js";
import { wantsColor } from "./show.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options {
  readonly port?: string;
  readonly baud: number;
  readonly picture?: boolean;
  readonly send?: string;
  readonly count?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const DEFAULT_BAUD = 115_200;
const DEFAULT_TIMEOUT = 10;

export const addMonitor: AddCommand = (program, io, run) => {
  program
    .command("monitor")
    .summary("show live what a board with the camera application sees")
    .description(
      "Shows the class and the times of every frame, and the picture that the network sees where the " +
        `firmware sends it. With ${JSON_FLAG} every line of the board is an object of its own, and the ` +
        "summary the last. See docs/camera.md.",
    )
    .option(
      "--port <port>",
      "e.g. /dev/ttyUSB0, COM3, tcp:HOST:PORT (default: the only one)",
      notEmpty,
    )
    .option("--baud <number>", "speed of the port", wholeNumber(1), DEFAULT_BAUD)
    .option("--picture", "ask for the picture of every frame, and draw it")
    .option(
      "--send <frames>",
      "send these frames to a board that asks for them: .npy, raw, image, folder of images",
      notEmpty,
    )
    .option("--count <number>", "stop after so many frames (default: never)", wholeNumber(1))
    .option("--timeout <seconds>", "longest silence", wholeNumber(1), DEFAULT_TIMEOUT)
    .addHelpText(
      "after",
      examples([
        "tritc monitor",
        "tritc monitor --port /dev/ttyACM0 --picture",
        "tritc monitor --port tcp:127.0.0.1:5555 --send images --json",
      ]),
    )
    .action((options: Options) => run(() => monitor(options, io)));
};

async function monitor(options: Options, io: Io): Promise<Outcome> {
  const port = await choosePort(options.port);
  const show = options.json === true ? lineWriter(io) : screen(io);
  const seen = await interruptible(io, async (signal) =>
    watch(await openTransport(port, options.baud), {
      ...{ port, signal, onEvent: show },
      pictures: options.picture === true,
      send: options.send === undefined ? null : sender(options.send),
      count: options.count ?? null,
      silenceMs: 1000 * options.timeout,
    }),
  );
  return { text: summary(seen), json: { port, ...seen }, remarks: [] };
}

function summary({ frames, errors, classes }: Seen): string {
  const counts = Object.entries(classes).map(([label, count]) => `${label}: ${count}`);
  const trouble = errors === 0 ? "" : `; the camera failed ${plural(errors, "time")}`;
  return `${plural(frames, "frame")}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}${trouble}`;
}

/** What the board sent as JSON stays as it is. */
function lineWriter({ stdout }: Io): (event: Event, line: string) => void {
  return (event, line) => {
    stdout.write(`${event.kind === "text" ? JSON.stringify({ text: event.text }) : line}\n`);
  };
}

/** On a terminal a picture stands above the lines that came after it, and the next one in its place. */
function screen({ stdout, env }: Io): (event: Event) => void {
  const colors = wantsColor(stdout, env);
  const collect = pictureCollector();
  let classes: readonly string[] = [];
  let below = 0;
  const write = (lines: readonly string[]) => {
    for (const line of lines) stdout.write(`${line}\n`);
    if (below > 0) below += lines.length;
  };
  return (event) => {
    if (event.kind === "hello") classes = event.classes;
    const text = eventText(event, classes);
    if (text !== null) write([printable(text)]);
    const picture = event.kind === "row" ? collect(event) : null;
    if (picture === null) return;
    const lines = pictureLines(picture, colors);
    if (stdout.isTTY === true) {
      if (below > 0) stdout.write(`\u001b[${below}A\u001b[J`);
      below = lines.length;
      stdout.write(`${lines.join("\n")}\n`);
    } else write(lines);
  };
}

/** Answers a device that wants frames of its own size and format, one after another. */
function sender(file: string): (wanted: Wanted) => { message: Uint8Array; last: boolean } {
  let frames: Frames | null = null;
  let next = 0;
  return (wanted) => {
    frames ??= readFrames(file, formatOf(wanted));
    const last = next === frames.count;
    return { message: last ? END_MESSAGE : frameMessage(frames, next++), last };
  };
}

function formatOf({ format, width, height }: Wanted): FrameFormat {
  if (!isPixelFormat(format)) return fail(frameFormat(`${format}:${width}x${height}`));
  return { pixels: format, width, height };
}
