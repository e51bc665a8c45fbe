import { describe, expect, it } from "vitest";
import { inParallel, runProcess } from "../../src/verify/process.js";

const node = (script: string, silenceLimitMs = 20_000, more = {}) =>
  runProcess(process.execPath, ["-e", script], { silenceLimitMs, ...more });

describe("runProcess", () => {
  it("captures both outputs, the exit code, and lines as they come", async () => {
    const lines: string[] = [];
    const result = await node(
      "process.stdout.write('a\\nb'); process.stderr.write('c'); process.exitCode = 7",
      20_000,
      { onLine: (line: string) => lines.push(line) },
    );
    expect(result).toEqual({ ending: { kind: "exited", code: 7 }, stdout: "a\nb", stderr: "c" });
    expect(lines).toEqual(["a"]);
  });

  it("kills a process that says nothing, and keeps what it said before", async () => {
    const result = await node("console.log('up'); setInterval(() => {}, 1000)", 4_000);
    expect(result.ending).toEqual({ kind: "silent", limitMs: 4_000 });
    expect(result.stdout).toBe("up\n");
  });

  it("lets a process run for longer than the limit while it says something", async () => {
    const script =
      "let n = 0; const t = setInterval(() => { console.log(n); if (++n > 8) clearInterval(t) }, 600)";
    const result = await node(script, 4_000);
    expect(result.ending).toEqual({ kind: "exited", code: 0 });
  });

  it("tells a program that does not start and one that is killed", async () => {
    const missing = await runProcess("/no/such/program", [], { silenceLimitMs: 1000 });
    expect(missing.ending).toMatchObject({ kind: "not-started" });
    const killed = await node("process.kill(process.pid, 'SIGKILL')");
    expect(killed.ending).toEqual({ kind: "killed", signal: "SIGKILL" });
  });

  it("kills the process and rejects when aborted", async () => {
    const controller = new AbortController();
    const running = node("setInterval(() => {}, 1000)", 20_000, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(node("", 1000, { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("inParallel", () => {
  it("keeps the order and the limit", async () => {
    let running = 0;
    let most = 0;
    const task = (value: number) => async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return value;
    };
    expect(await inParallel([task(1), task(2), task(3)], 2)).toEqual([1, 2, 3]);
    expect(most).toBe(2);
  });

  it("throws the first failure, but only when everything has ended", async () => {
    let ended = false;
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended = true;
    };
    await expect(inParallel([() => Promise.reject(new Error("no")), slow], 2)).rejects.toThrow(
      "no",
    );
    expect(ended).toBe(true);
  });
});
