import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import type { Progress, Subject, VerifyOptions } from "../../src/verify/index.js";
import { different, verifyTarget } from "../../src/verify/index.js";
import { tinySubject, tinyVectors } from "./tiny.js";
import { describeWith } from "./toolchains.js";

const native = findTarget("native");
const verify = (subject: Subject, options: VerifyOptions = {}, vectors = tinyVectors(50)) =>
  verifyTarget(subject, vectors, native, options);

const RUN_STARTS = { from: "    int32_t sums[4];\n", to: "    int32_t sums[4];\n" };
const atStart = (statement: string) => ({
  ...RUN_STARTS,
  to: `${RUN_STARTS.to}    ${statement}\n`,
});

let folder: string | null = null;
afterEach(async () => {
  if (folder !== null) await rm(folder, { recursive: true });
  folder = null;
});

function installed(compiler: string): boolean {
  try {
    execFileSync(compiler, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describeWith(["cc"], "verify natively", () => {
  for (const compiler of ["gcc", "clang"]) {
    // Where one of them is missing the other one still checks the code; CI has both.
    const skip = process.env.CI !== "true" && !installed(compiler);
    it.skipIf(skip)(`finds a right model equal with ${compiler}`, async () => {
      const vectors = tinyVectors(50);
      const report = await verify(tinySubject(), { env: { ...process.env, TRITC_CC: compiler } });
      expect(report).toMatchObject({ target: "native", equal: true, vectors: 50 });
      expect(report.outputs).toEqual(vectors.expected);
      expect(report.toolchain.compiler).toContain(compiler);
    });
  }

  it("gives no number that this computer cannot measure", async () => {
    const report = await verify(tinySubject());
    expect(report).toMatchObject({ instructions: null, flash: null, ram: null, remarks: [] });
    expect(report.toolchain.emulator).toBeNull();
  });

  it("reports progress", async () => {
    const seen: Progress[] = [];
    await verify(tinySubject(), { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ stage: "build", done: 0, total: 0 });
    expect(seen.at(-1)).toEqual({ stage: "run", done: 50, total: 50 });
  });

  it("keeps the files in a folder of the user's, and none elsewhere", async () => {
    folder = await mkdtemp(join(tmpdir(), "tritc-keep-"));
    await verify(tinySubject(), { workDir: folder });
    expect(await readdir(join(folder, "native"))).toContain("subject.h");
  });
});

describeWith(["cc"], "a difference", () => {
  it("is traced to the first layer and element", async () => {
    const wrong = { from: "{-1, -1, 0, 0, 1, 1, 0, 0}", to: "{-1, -1, 0, 1, 1, 1, 0, 0}" };
    const report = await verify(tinySubject(wrong));
    expect(report.equal).toBe(false);
    expect(report.firstDifference).toMatchObject({
      layer: { index: 0, name: "hidden", origin: 'Gemm "/hidden"' },
      element: 2,
    });
    const { expected, actual, vector } = report.firstDifference ?? fail();
    expect(tinyVectors(50).trace(vector)[0]?.[2]).toBe(expected);
    expect(actual).not.toBe(expected);
    expect(different("native", 50, report.firstDifference ?? fail()).message).toContain(
      'hidden (from Gemm "/hidden"): element 2',
    );
  });

  it("in a later layer is traced to that layer", async () => {
    const wrong = { from: "{-1, 0, 1, 1}", to: "{-1, 1, 1, 1}" };
    const report = await verify(tinySubject(wrong));
    expect(report.firstDifference).toMatchObject({ layer: { index: 1 }, element: 1 });
  });

  it("on a single vector is found, and named", async () => {
    const rare = atStart("static int calls = 0; const int32_t off = ++calls == 37;");
    const applied = { from: "        output[o] = sum;", to: "        output[o] = sum + off;" };
    const report = await verify(tinySubject(rare, applied));
    // Alone, the vector comes out right: the tracing run cannot name a layer.
    expect(report.firstDifference).toMatchObject({ vector: 36, layer: null, element: 0 });
    expect(different("native", 50, report.firstDifference ?? fail()).message).toContain(
      "every layer agrees, but the output differs",
    );
  });

  it("by an element that is never written is found", async () => {
    const skipped = { from: "o < TINY_OUTPUT_SIZE", to: "o + 1u < TINY_OUTPUT_SIZE" };
    const report = await verify(tinySubject(skipped));
    expect(report.firstDifference).toMatchObject({ vector: 0, element: 1 });
  });
});

describeWith(["cc"], "no verdict", () => {
  it("on a warning, whose file and first lines are shown", async () => {
    const warned = atStart("int8_t narrow = sums[0]; (void)narrow;");
    await expect(verify(tinySubject(warned))).rejects.toThrow(
      /verify\/does-not-compile.*\n.*\n?[\s\S]*tiny\.c:\d+:\d+: error: .*conversion/,
    );
    const error = await verify(tinySubject(warned)).catch((reason) => reason);
    expect(error.diagnostics).toHaveLength(1);
    expect(error.diagnostics[0].where.file).toBe("tiny.c");
    expect(error.exitCode).toBe(1);
  });

  it("on a header that declares another size", async () => {
    const subject = { ...tinySubject(), input: { elements: 9, type: "int8" as const } };
    const vectors = { ...tinyVectors(1), inputs: new Int8Array(9) };
    await expect(verify(subject, {}, vectors)).rejects.toThrow(/verify\/wrong-interface/);
  });

  it("on a call of a function that is not there", async () => {
    const calling = atStart("extern int elsewhere(void); sums[0] = elsewhere();");
    await expect(verify(tinySubject(calling))).rejects.toThrow(
      /verify\/does-not-link[\s\S]*elsewhere/,
    );
  });

  it("on a hang, which is stopped", async () => {
    const hanging = atStart("for (volatile int go = 1; go != 0;) {}");
    const before = performance.now();
    await expect(verify(tinySubject(hanging), { timeoutMs: 1500 })).rejects.toThrow(
      /verify\/hang: native: vector 0 did not end within 1.5 s/,
    );
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it("on a fault", async () => {
    await expect(verify(tinySubject(atStart("__builtin_trap();")))).rejects.toThrow(
      /verify\/fault: native: vector 0 faulted: SIG/,
    );
  });

  it("on a program that ends by itself", async () => {
    const ending = atStart("extern void _Exit(int); _Exit(0);");
    await expect(verify(tinySubject(ending))).rejects.toThrow(/verify\/no-result/);
  });

  it("on layers that are not the network's", async () => {
    const mute = {
      from: "    tiny_trace(1u, output",
      to: "    if (sums[0] == 99999) tiny_trace(1u, output",
    };
    const wrong = { from: "{-1, 0, 1, 1}", to: "{-1, 1, 1, 1}" };
    await expect(verify(tinySubject(mute, wrong))).rejects.toThrow(/verify\/wrong-trace/);
  });

  it("without vectors, or with arrays of the wrong size", async () => {
    await expect(verify(tinySubject(), {}, tinyVectors(0))).rejects.toThrow(/verify\/bad-vectors/);
    const short = { ...tinyVectors(3), expected: new Int32Array(5) };
    await expect(verify(tinySubject(), {}, short)).rejects.toThrow(/5 expected outputs/);
  });

  it("without a compiler", async () => {
    const env = { PATH: "", HOME: "/nowhere" };
    await expect(verify(tinySubject(), { env })).rejects.toThrow(
      /tool\/missing.*cc or gcc or clang/,
    );
  });

  it("without a folder to build in", async () => {
    folder = await mkdtemp(join(tmpdir(), "tritc-test-"));
    await writeFile(join(folder, "file"), "");
    const workDir = join(folder, "file", "work");
    const error = await verify(tinySubject(), { workDir }).catch((reason) => reason);
    expect(error.diagnostics).toMatchObject([
      { code: "output/work-folder", where: { file: workDir } },
    ]);
    expect(error.exitCode).toBe(5);
  });

  it("on a full disk, which is not the fault of the C", async () => {
    folder = await mkdtemp(join(tmpdir(), "tritc-test-"));
    const compiler = join(folder, "full-cc");
    const script = '[ "$1" = --version ] || { echo "x.s: No space left on device" >&2; exit 1; }';
    await writeFile(compiler, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const env = { ...process.env, TRITC_CC: compiler };
    await expect(verify(tinySubject(), { env })).rejects.toThrow(
      /output\/work-folder.*disk is full/,
    );
  });

  it("when aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(verify(tinySubject(), { signal })).rejects.toThrow("enough");
  });

  it("and leaves no temporary folder behind", async () => {
    const ours = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith("tritc-native-"));
    const before = new Set(await ours());
    await verify(tinySubject(atStart("__builtin_trap();"))).catch(() => {});
    expect((await ours()).filter((name) => !before.has(name))).toEqual([]);
  });
});

function fail(): never {
  throw new Error("expected a difference");
}
