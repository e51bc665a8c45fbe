import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FrameFormat } from "../../src/frame/formats.js";
import { type App, buildApp, startApp } from "../app/device.js";
import { DIGITS, temporaryFolder, tritc } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";

const FORMAT: FrameFormat = { pixels: "gray8", width: 24, height: 20 };

function image(file: string, shift: number): void {
  const { width, height } = FORMAT;
  const png = new PNG({ width, height });
  png.data.forEach((_, i) => {
    png.data[i] = i % 4 === 3 ? 255 : (i * shift) % 256;
  });
  writeFileSync(file, PNG.sync.write(png));
}

function images(count: number): string {
  const folder = join(temporaryFolder(), "images");
  mkdirSync(folder);
  for (let i = 0; i < count; i++) image(join(folder, `${i}.png`), i + 1);
  return folder;
}

describeWith(["arm-gcc", "qemu-arm"], "tritc monitor", () => {
  let app: App;
  beforeAll(async () => {
    app = await buildApp(DIGITS, "cortex-m4", FORMAT, { APP_PICTURE_EVERY: "2" });
  });
  afterAll(() => app.remove());

  /** Runs the monitor against the application on a QEMU character device that says where it is. */
  async function watched(line: string, found: RegExp, args: readonly string[]) {
    const device = await startApp(app, line);
    try {
      const port = await new Promise<string>((resolve) => {
        let said = "";
        const hear = (bytes: Buffer) => {
          said += String(bytes);
          const name = found.exec(said)?.[1];
          if (name !== undefined) resolve(name);
        };
        device.stdout?.on("data", hear);
        device.stderr?.on("data", hear);
      });
      return await tritc(["monitor", "--port", port.replace(/^(?=\d)/, "tcp:"), ...args]);
    } finally {
      device.kill("SIGKILL");
    }
  }

  const overTcp = (args: readonly string[]) =>
    watched("socket,host=127.0.0.1,port=0,server=on,wait=on", /on: \S*?:(127\.0\.0\.1:\d+)/, args);

  it("sends frames to a board that asks, and shows their classes and pictures", async () => {
    const { code, stdout, stderr } = await overTcp(["--send", images(4)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^ {5}0 {2}\d .* steady - .* capture [\d.]+ ms, prepare [\d.]+ ms, infer/m,
    );
    expect(stdout.match(/[\u2591-\u2593\u2588]/g)?.length).toBeGreaterThan(20);
    expect(stdout).toMatch(/^4 frames \(\d: \d/m);
  });

  it("gives every line as an object, over what looks like a serial port", async () => {
    const args = ["--send", images(3), "--count", "2", "--json"];
    const { code, stdout } = await watched("pty", /redirected to (\S+)/, args);
    expect(code).toBe(0);
    const lines = stdout.split("\n").filter((line) => line.startsWith('{"'));
    const frames = lines.map((line) => JSON.parse(line)).filter((object) => "frame" in object);
    expect(frames.map(({ frame }) => frame)).toEqual([0, 1]);
    const summary = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{\n")));
    expect(summary).toMatchObject({ command: "monitor", frames: 2, errors: expect.any(Number) });
  });

  it("says that nothing is heard, or nothing there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const number = typeof address === "object" ? address?.port : address;
    const silent = await tritc(["monitor", "--port", `tcp:127.0.0.1:${number}`, "--timeout", "1"]);
    server.close();
    expect(silent.code).toBe(6);
    expect(silent.stderr).toContain("device/silent");
    const absent = await tritc(["monitor", "--port", `tcp:127.0.0.1:${number}`]);
    expect(absent.code).toBe(6);
    expect(absent.stderr).toContain("device/no-port");
  });

  it("says that frames have another size than the board wants", async () => {
    const file = join(temporaryFolder(), "frame.raw");
    writeFileSync(file, Buffer.alloc(7));
    const { code, stderr } = await overTcp(["--send", file]);
    expect(code).toBe(2);
    expect(stderr).toContain("usage/frame-file");
    expect(stderr).toContain("gray8, 24 x 20");
  });
});
