import { describe, expect, it } from "vitest";
import { encodeFrame, type Frame, frameDecoder } from "../../src/serial/frame.js";
import { openSession } from "../../src/serial/session.js";
import type { Listener, Transport } from "../../src/serial/transport.js";

/** A device that answers each request as the test says: bytes, or null for silence. */
function fake(answer: (request: Frame, count: number) => readonly Uint8Array[] | "unplug") {
  let listener: Listener = { data: () => {}, lost: () => {} };
  let count = 0;
  const hear = frameDecoder((received) => {
    if (received.kind !== "frame") return;
    const answers = answer(received.frame, count++);
    setImmediate(() => {
      if (answers === "unplug") listener.lost("the cable is out");
      else for (const bytes of answers) listener.data(bytes);
    });
  });
  const transport: Transport = {
    write: async (bytes) => hear(bytes),
    listen: (heard) => {
      listener = heard;
    },
    close: async () => {},
  };
  const session = openSession(transport, { port: "COM9", runLimitMs: 200, answerLimitMs: 20 });
  return { ...session, say: (bytes: Uint8Array) => listener.data(bytes) };
}

const reply = ({ sequence, type }: Frame, payload: Uint8Array, change: Partial<Frame> = {}) =>
  encodeFrame({ version: 1, sequence, type: type | 0x80, payload, ...change });

const RAN = new Uint8Array(16);

describe("a session", () => {
  it("asks again when nothing or nonsense comes back", async () => {
    const session = fake((request, count) => {
      if (count === 0) return [];
      if (count === 1) return [Buffer.from("garbage\0")];
      return [reply(request, RAN)];
    });
    expect(await session.run()).toEqual({ inputCrc: 0, outputCrc: 0, ticks: 0, stack: 0 });
    expect(session.repeats()).toBe(2);
  });

  it("takes an answer that follows noise at once", async () => {
    const session = fake((request) => [Buffer.from("text\0"), reply(request, RAN)]);
    await session.run();
    expect(session.repeats()).toBe(0);
  });

  it("waits for a model that has started as long as it may run", async () => {
    const session = fake((request) => {
      const started = reply(request, new Uint8Array(), { type: 0x90 });
      setTimeout(() => session.say(reply(request, RAN)), 40);
      return [started];
    });
    await session.run();
    expect(session.repeats()).toBe(0);
  });

  it("does not take the late answer to an earlier request", async () => {
    const session = fake((request, count) => {
      const stale = { sequence: (request.sequence + 255) % 256 };
      const late = reply(request, Uint8Array.of(1, ...RAN.subarray(1)), stale);
      return count === 0 ? [late] : [late, reply(request, RAN)];
    });
    expect((await session.run()).inputCrc).toBe(0);
  });

  it("asks for all of a tensor again when a piece of it is lost", async () => {
    const piece = (request: Frame, offset: number) =>
      reply(request, Uint8Array.of(offset, 0, 0, 0, 42, 43), { type: 0x92 });
    const session = fake((request, count) =>
      count === 0
        ? [piece(request, 0), reply(request, RAN)]
        : [piece(request, 0), piece(request, 2), reply(request, RAN)],
    );
    expect([...(await session.runForTensor(0, 4))]).toEqual([42, 43, 42, 43]);
  });

  const endings: readonly [code: string, answer: Parameters<typeof fake>[0]][] = [
    ["device/no-answer", () => []],
    ["device/noise", () => [Buffer.from("?#!\0")]],
    ["device/lost", () => "unplug"],
    ["device/refused", (request: Frame) => [reply(request, Uint8Array.of(1), { type: 0xff })]],
    ["device/other-protocol", (request: Frame) => [reply(request, RAN, { version: 2 })]],
    ["device/refused", (request: Frame) => [reply(request, Uint8Array.of(1, 2))]],
  ];
  it.each(endings)("ends with %s", async (code, answer) => {
    await expect(fake(answer).run()).rejects.toThrow(code);
  });

  it("stays lost", async () => {
    const session = fake(() => "unplug");
    await expect(session.run()).rejects.toThrow("device/lost");
    await expect(session.readOutput(4)).rejects.toThrow("the cable is out");
  });
});
