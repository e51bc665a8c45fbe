import { EventEmitter } from "node:events";
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Interrupted, interruptible, uninterrupted } from "../../src/commands/interrupt.js";
import type { SignalName } from "../../src/commands/types.js";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, sink, temporaryFolder, tritc } from "./run.js";

function world() {
  const signals = new EventEmitter();
  const io = { stdout: sink(false).stream, stderr: sink(false).stream, env: {}, signals };
  return { io, signals };
}

/** Signals that nobody listens to end a process: that is what must be left when work is over. */
function listeners(signals: EventEmitter): number {
  return signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM");
}

describe("interruptible work", () => {
  it.each<[SignalName, number]>([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("is aborted by %s, whatever it then fails with", async (signal, exitCode) => {
    const { io, signals } = world();
    const work = interruptible(io, async (abort) => {
      signals.emit(signal, signal);
      expect(abort.aborted).toBe(true);
      throw new Error("the compiler was killed");
    });
    await expect(work).rejects.toThrow(Interrupted);
    await expect(work).rejects.toMatchObject({ exitCode });
    expect(listeners(signals)).toBe(0);
  });

  it("returns what it makes, and throws what it throws", async () => {
    const { io, signals } = world();
    await expect(interruptible(io, async () => 7)).resolves.toBe(7);
    await expect(interruptible(io, () => Promise.reject(new Error("own")))).rejects.toThrow("own");
    expect(listeners(signals)).toBe(0);
  });
});

describe("uninterrupted work", () => {
  it("ends in spite of a signal", () => {
    const { io, signals } = world();
    const heard = () => signals.emit("SIGINT", "SIGINT");
    expect(uninterrupted(io, heard)).toBe(true);
    expect(listeners(signals)).toBe(0);
  });
});

describeWith(["cc"], "verify, interrupted", () => {
  it("removes its temporary folder and says nothing", async () => {
    const temporary = temporaryFolder();
    const signals = new EventEmitter();
    // As soon as something listens, the user presses Ctrl-C.
    signals.once("newListener", () => setTimeout(() => signals.emit("SIGINT", "SIGINT"), 30));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = temporary;
    try {
      const ran = await tritc(["verify", DIGITS, "--count", "2000"], { signals });
      expect(ran).toEqual({ code: 130, stdout: "", stderr: "" });
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});
