import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startProgress } from "../../src/commands/progress.js";
import { sink } from "./run.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world(isTTY: boolean) {
  const stderr = sink(isTTY);
  return {
    io: { stdout: sink(false).stream, stderr: stderr.stream, env: { NO_COLOR: "1" } },
    stderr,
  };
}

describe("progress", () => {
  it("appears after a second, with the newest text, and goes when the work is done", () => {
    const { io, stderr } = world(true);
    const progress = startProgress(io, "simulating");
    progress.say("simulating: 40 %");
    vi.advanceTimersByTime(900);
    expect(stderr.text()).toBe("");
    vi.advanceTimersByTime(300);
    expect(stderr.text()).toContain("simulating: 40 %");
    progress.end();
    const shown = stderr.text();
    vi.advanceTimersByTime(5000);
    expect(stderr.text()).toBe(shown);
  });

  it("does not appear for work that is done sooner", () => {
    const { io, stderr } = world(true);
    const progress = startProgress(io, "compiling");
    vi.advanceTimersByTime(500);
    progress.end();
    vi.advanceTimersByTime(5000);
    expect(stderr.text()).toBe("");
  });

  it("does not appear in a pipe", () => {
    const { io, stderr } = world(false);
    const progress = startProgress(io, "simulating");
    progress.say("simulating: 40 %");
    vi.advanceTimersByTime(5000);
    progress.end();
    expect(stderr.text()).toBe("");
  });
});
