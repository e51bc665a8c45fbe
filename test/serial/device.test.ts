import { afterAll, beforeAll, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { type DeviceOptions, talkTo, verifyDevice } from "../../src/serial/device.js";
import { openTransport, type Transport } from "../../src/serial/transport.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type BoardName,
  buildFirmware,
  compiledFor,
  type Firmware,
  startDevice,
  startDeviceFile,
  subjectAndVectors,
  targetOf,
} from "./device.js";

const COUNT = 6;

async function verify(
  firmware: Firmware,
  options: DeviceOptions = {},
  start = startDevice,
  through = (line: Transport) => line,
) {
  const target = targetOf(firmware.board);
  const { subject, vectors } = await subjectAndVectors(target, COUNT);
  const device = await start(firmware);
  try {
    const line = through(await openTransport(device.port, 115_200));
    const { network } = compiledFor(target);
    return await talkTo(line, network, subject, vectors, device.port, options);
  } finally {
    await device.stop();
  }
}

/** A byte of about 300 arrives as another one. */
function badLine(line: Transport): Transport {
  const random = seeded(5);
  const damage = (bytes: Uint8Array) =>
    bytes.map((byte) => (random.integer(0, 299) === 0 ? byte ^ 0x10 : byte));
  return {
    ...line,
    write: (bytes) => line.write(damage(bytes)),
    listen: ({ data, lost }) => line.listen({ data: (bytes) => data(damage(bytes)), lost }),
  };
}

function suite(board: BoardName) {
  const built: Firmware[] = [];
  let traced: Firmware;
  const build = async (...args: Parameters<typeof buildFirmware>) => {
    const firmware = await buildFirmware(...args);
    built.push(firmware);
    return firmware;
  };
  beforeAll(async () => {
    traced = await build(board, ["-DSUBJECT_TRACE"]);
  });
  afterAll(() => {
    for (const firmware of built) firmware.remove();
  });

  it("finds a right network equal, and measures it", async () => {
    const report = await verify(await build(board));
    expect(report).toMatchObject({ equal: true, vectors: COUNT, layersCompared: 0 });
    expect(report.firstDifference).toBeNull();
    expect(report.ticks?.min).toBeGreaterThan(0);
    expect(report.stack).toBeGreaterThan(64);
    expect(report.stack).toBeLessThan(1024);
  });

  it("compares every layer of firmware that traces them", async () => {
    const report = await verify(traced, { layers: "required" });
    expect(report).toMatchObject({ equal: true, vectors: COUNT, layersCompared: COUNT });
  });

  it("names the layer and the element that go wrong", async () => {
    const firmware = await build(board, ["-DSUBJECT_TRACE"], breakLayer);
    const { equal, firstDifference } = await verify(firmware);
    expect(equal).toBe(false);
    expect(firstDifference?.layer).toMatchObject({ index: 3, name: "conv2d_2" });
    expect(firstDifference?.expected).not.toBe(firstDifference?.actual);
  });

  it("is not disturbed by text between the frames", async () => {
    expect(await verify(await build(board, ["-DCHATTER"]))).toMatchObject({ equal: true });
  });

  it("says that firmware without traces cannot compare layers", async () => {
    const attempt = verify(await build(board), { layers: "required" });
    await expect(attempt).rejects.toThrow("device/not-traced");
  });

  it("repeats what a bad line damages, in both directions", async () => {
    const report = await verify(traced, { layers: "required" }, startDevice, badLine);
    expect(report).toMatchObject({ equal: true, vectors: COUNT, layersCompared: COUNT });
    expect(report.repeats).toBeGreaterThan(0);
  });

  it("speaks with a device file through the serial library", async () => {
    expect(await verify(traced, {}, startDeviceFile)).toMatchObject({ equal: true });
  });
}

/** Changes one weight of the fourth layer's table. */
function breakLayer(source: string): string {
  const table = /(conv2d_2_weights\[\d+\] = \{\s*(?:\/\*[^*]*\*\/\s*)?)0x([0-9a-f]{2})/;
  const found = table.exec(source);
  if (found?.[2] === undefined) throw new Error("no such table");
  const flipped = (Number.parseInt(found[2], 16) ^ 1).toString(16).padStart(2, "0");
  return source.replace(table, `$10x${flipped}`);
}

describeWith(["arm-gcc", "qemu-arm"], "a Cortex-M device", () => suite("arm"));
describeWith(["riscv-gcc", "qemu-riscv32"], "a RISC-V device", () => suite("riscv"));

it("says that nothing is there", async () => {
  const target = targetOf("arm");
  const { subject, vectors } = await subjectAndVectors(target, 1);
  const network = compiledFor(target).network;
  const attempt = verifyDevice(network, subject, vectors, "tcp:127.0.0.1:9", {});
  await expect(attempt).rejects.toThrow(DiagnosticError);
  await expect(attempt).rejects.toThrow("device/no-port");
});
