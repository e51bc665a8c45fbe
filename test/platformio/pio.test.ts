import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { BOARDS } from "../../src/boards/index.js";
import { load } from "../../src/compile.js";
import { type Frames, seededFrames } from "../../src/frame/frames.js";
import { type FrameInput, frameInputOf } from "../../src/frame/pixels.js";
import { END_MESSAGE, frameMessage } from "../../src/frame/send.js";
import { inputsOfFrames } from "../../src/frame/subject.js";
import { readModelFile } from "../../src/io/files.js";
import type { Network } from "../../src/network/types.js";
import { APPS, type App } from "../../src/project/index.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { DIGITS, temporaryFolder, tritc } from "../commands/run.js";
import { addLibraries } from "./core.js";
import { describeWithPio, newPio } from "./describe.js";

/** So small that every board has room for it. */
const TINY = "examples/ternary-layer/layer.npz";

/** What camera boards are for. */
const PERSON = "examples/person-camera/model.onnx";

/** Side by side on a busy machine. */
const LIMIT = 300_000;

/** What `new` says where pio is only in the project's own folder. */
const NO_PIO = /^warning tool\/no-pio: .*\n.*\n/;

/** What it says where a grey camera serves a network that sees colours. */
const NO_COLOURS = /^warning plan\/no-colours: .*\n.*\n/;

/** A project that `tritc new` made. */
async function projectOf(board: string, app: string, model = TINY): Promise<string> {
  const folder = join(temporaryFolder(), "project");
  const made = await tritc(["new", folder, "--board", board, "--model", model, "--app", app]);
  expect(made.stderr.replace(NO_COLOURS, "").replace(NO_PIO, "")).toBe("");
  expect(made.code).toBe(0);
  return folder;
}

const vendors = BOARDS.filter(({ platform }) => platform.kind !== "emulated");
const emulated = BOARDS.filter(({ platform }) => platform.kind === "emulated");

describeWithPio("an ordinary project of every board", (pio) => {
  // Every application on every kind of core; all of them on each board would take three times as long.
  const cases = vendors.map(({ id, camera }, i): [string, App] =>
    camera === null ? [id, APPS[(i + 1) % APPS.length] ?? "serial"] : [id, "camera"],
  );
  cases.push(["esp32cam", "serial"], ["nano33ble", "bench"], ["pico", "serial"]);

  it.concurrent.each(cases)(
    "%s builds with the application %s",
    async (board, app) => {
      const hasCamera = vendors.some(({ id, camera }) => id === board && camera !== null);
      const model = hasCamera ? PERSON : DIGITS;
      const folder = await projectOf(board, app, app === "camera" ? model : TINY);
      if (board === "nano33ble" && app === "camera") addLibraries(folder, board);
      const built = await pio().run(["run"], folder);
      expect(built.text).toContain("1 succeeded");
      expect(built.text).not.toContain("warning:");
    },
    LIMIT,
  );
});

describeWithPio("an emulated board", () => {
  it.concurrent.each(emulated.map(({ id }) => id))(
    "%s passes its tests and runs",
    async (board) => {
      // The core folder remembers one project's platform.
      const pio = newPio();
      const folder = await projectOf(board, "bench");
      const tested = await pio.run(["test", "-e", board], folder);
      expect(tested.text).toMatch(/\d+ test cases: \d+ succeeded/);
      const ran = await pio.run(["run", "-t", "upload"], folder);
      expect(ran.text.match(/"equal":true/g)).toHaveLength(3);
      expect(ran.code).toBe(0);
      pio.remove();
    },
    LIMIT,
  );
});

describeWithPio("a project's camera application", () => {
  it(
    "classifies the frames that it is sent, on an emulated board",
    async () => {
      const own = newPio();
      const folder = await projectOf("qemu-cortex-m7", "camera", DIGITS);
      const port = await freePort();
      const flags = ["-t", "upload", "--upload-port", `tcp:127.0.0.1:${port}`];
      expect((await own.run(["run"], folder)).code).toBe(0);
      const running = own.run(["run", ...flags], folder);
      const { network } = load(readModelFile(DIGITS));
      const input = frameInputOf(network, null);
      const { width, height } = input.picture;
      const format = { pixels: "gray8", width, height } as const;
      const frames = seededFrames(format, input.picture, 1, 6);
      const said = await converse(port, [...messagesOf(frames), END_MESSAGE]);
      expect((await running).code).toBe(0);
      own.remove();
      const classes = said
        .split("\n")
        .flatMap((line) => /"frame":\d+,"class":(\d+)/.exec(line)?.[1] ?? []);
      expect(classes.map(Number)).toEqual(await classesOf(network, input, frames));
    },
    LIMIT,
  );
});

/** The classes by reference and simulator. */
async function classesOf(network: Network, input: FrameInput, frames: Frames): Promise<number[]> {
  const inputs = inputsOfFrames(network, input, frames);
  const { values } = await simulateAll(network, inputs);
  const each = values.length / frames.count;
  return Array.from({ length: frames.count }, (_, i) => {
    const scores = Array.from(values.subarray(i * each, (i + 1) * each));
    return scores.indexOf(Math.max(...scores));
  });
}

function messagesOf(frames: Frames): Uint8Array[] {
  return Array.from({ length: frames.count }, (_, i) => frameMessage(frames, i));
}

const ATTEMPTS = 300;

/** Sends all of it to a port once somebody listens there; returns what came back until the end. */
async function converse(port: number, messages: readonly Uint8Array[]): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const said = await new Promise<string | null>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString();
      });
      socket.once("connect", () => socket.write(Buffer.concat(messages)));
      socket.once("error", () => resolve(text === "" ? null : text));
      socket.once("close", () => resolve(text === "" ? null : text));
    });
    if (said !== null) return said;
    await setTimeout(100);
  }
  throw new Error(`nobody listens at port ${port}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const number = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(number));
    });
  });
}

describeWithPio("what a project does not let pass", (pio) => {
  it("a wrong constant", async () => {
    const folder = await projectOf("qemu-cortex-m3", "bench", DIGITS);
    const source = join(folder, "lib/model/src/model.c");
    const text = readFileSync(source, "utf8");
    // Not a weight: the core's own kernels have others than this computer's.
    const broken = text.replaceAll(/(const int32_t \w+_offset\[\d+\] = \{\s+)-?\d+/g, "$10");
    expect(broken).not.toBe(text);
    writeFileSync(source, broken);
    const tested = await pio().run(["test", "-e", "native", "-e", "qemu-cortex-m3"], folder);
    expect(tested.text).toMatch(/vector \d+: output \d+ is -?\d+, not -?\d+\s+\[FAILED\]/);
    expect(tested.text).toMatch(/native\s+test_golden\s+FAILED/);
    expect(tested.text).toMatch(/qemu-cortex-m3\s+test_golden\s+FAILED/);
    expect(tested.code).toBe(1);
  });

  it("a program that ends before its tests do", async () => {
    const folder = await projectOf("qemu-cortex-m3", "bench");
    const main = join(folder, "test/test_golden/test_main.c");
    const text = readFileSync(main, "utf8");
    writeFileSync(
      main,
      text.replace("        run_vector(vector);", "        tritc_board_finish(1);"),
    );
    const tested = await pio().run(["test", "-e", "native"], folder);
    expect(tested.text).toMatch(/every test ran: 0 of \d+ results arrived/);
    expect(tested.code).toBe(1);
  });

  it("a program larger than the board's flash, or its data than its RAM", async () => {
    const folder = await projectOf("bluepill_f103c8", "bench");
    const main = join(folder, "src/main.c");
    const text = readFileSync(main, "utf8");
    const grown = (line: string) => `#include <stdint.h>\n${line}\n${text}`;
    writeFileSync(
      main,
      grown(
        "const volatile uint8_t tables[70000] = {1}; uint8_t see(int i);" +
          " uint8_t see(int i) { return tables[i]; }",
      ).replace("tritc_board_light(1);", "tritc_board_light(see(1));"),
    );
    const flash = await pio().run(["run"], folder);
    expect(flash.text).toMatch(/region .FLASH. overflowed/);
    expect(flash.code).toBe(1);
    writeFileSync(
      main,
      grown("volatile uint8_t space[30000];").replace(
        "tritc_board_light(1);",
        "tritc_board_light(space[3]);",
      ),
    );
    const ram = await pio().run(["run"], folder);
    expect(ram.text).toMatch(/region .RAM. overflowed/);
    expect(ram.code).toBe(1);
  });
});
