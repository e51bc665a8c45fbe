import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TARGETS } from "../../src/targets/index.js";
import { buildPrograms, WARNING_FLAGS } from "../../src/verify/build.js";
import { requireTool } from "../../src/verify/probe.js";
import { siblingTool } from "../../src/verify/run.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import { writeSources } from "../../src/verify/workspace.js";
import { tinySubject } from "./tiny.js";
import { describeWith } from "./toolchains.js";

const HARNESS = fileURLToPath(new URL("../../firmware/harness/", import.meta.url));
const FIXTURES = fileURLToPath(new URL("./fixtures/", import.meta.url));
const STRICT = ["-std=c99", "-O2", ...WARNING_FLAGS, "-Werror", "-fsyntax-only"];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tritc-harness-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Compiles files of the harness under the flags for generated C; returns what is said. */
async function warningsOf(compiler: string, flags: readonly string[], files: readonly string[]) {
  await writeSources(folder, tinySubject(), TARGETS[0] ?? never());
  const paths = files.map((file) => join(HARNESS, file));
  const include = [`-I${folder}`, `-I${FIXTURES}`, `-I${HARNESS}`];
  for (const trace of [[], ["-DTINY_TRACE"]]) {
    execFileSync(compiler, [...STRICT, ...flags, ...include, ...trace, ...paths], {
      stdio: "pipe",
    });
  }
}

describeWith(["cc"], "the harness on this computer", () => {
  it("compiles without a warning", async () => {
    for (const compiler of ["gcc", "clang"]) {
      await warningsOf(compiler, [], ["main.c", "native.c"]).catch((error) => {
        if (error.code !== "ENOENT" || process.env.CI === "true") throw error;
      });
    }
  });
});

describeWith(["arm-gcc", "qemu-arm"], "the harness on Arm cores", () => {
  const files = ["main.c", "string.c", "semihosting.c", "cortex_m_start.c", "cortex_m_measure.c"];
  for (const target of TARGETS.filter(({ machine }) => machine.kind === "qemu-arm")) {
    it(`compiles without a warning for ${target.id}`, async () => {
      const flags = ["-ffreestanding", `-isystem${join(HARNESS, "include")}`];
      const { command } = await requireTool("arm-gcc", target.id);
      await warningsOf(command, [...target.compiler.flags, ...flags], files);
    });
  }

  // Sizes of the model are read from sections that must hold nothing of the harness.
  it("adds nothing to the model's sections", async () => {
    const target = TARGETS.find(({ id }) => id === "cortex-m0") ?? never();
    const toolchain = await requireToolchain(target, process.env);
    const subject = { ...tinySubject(), sources: new Map(tinySubject().sources) };
    subject.sources.set("tiny.c", EMPTY_MODEL);
    await writeSources(folder, subject, target);
    const settings = { subject, target, toolchain, folder, optimization: "-O2" } as const;
    const limits = { silenceLimitMs: 20_000, signal: undefined };
    const [program = ""] = await buildPrograms({ ...settings, ...limits }, ["plain"]);
    const sections = execFileSync(siblingTool(toolchain, "size"), ["-A", program], {
      encoding: "utf8",
    });
    expect(sections).toMatch(/^\.model_code +4 /m);
    // Left out, or empty.
    expect(sections).not.toMatch(/^\.model_(tables|data|bss) +[1-9]/m);
  });
});

const EMPTY_MODEL = `#include "tiny.h"
void tiny_run(const tiny_input_t input[TINY_INPUT_SIZE], tiny_output_t output[TINY_OUTPUT_SIZE]) {
    (void)input;
    (void)output;
}
`;

describeWith(["cc"], "the memory functions of the harness", () => {
  it("agree with the C library's on every alignment and overlap", async () => {
    const test = join(folder, "string_test.c");
    const renamed = ["memcpy", "memmove", "memset", "memcmp", "strcmp"].map(
      (name) => `-D${name}=our_${name}`,
    );
    const object = join(folder, "string.o");
    const flags = ["-O2", "-fno-builtin", "-fno-tree-loop-distribute-patterns"];
    const include = `-isystem${join(HARNESS, "include")}`;
    execFileSync("cc", [
      ...flags,
      ...renamed,
      include,
      "-c",
      join(HARNESS, "string.c"),
      "-o",
      object,
    ]);
    await writeFile(test, STRING_TEST);
    const program = join(folder, "string_test");
    execFileSync("cc", [test, object, "-o", program]);
    expect(execFileSync(program, { encoding: "utf8" })).toBe("agree\n");
  });
});

const STRING_TEST = `#include <stdio.h>
#include <string.h>
void *our_memcpy(void *, const void *, size_t);
void *our_memmove(void *, const void *, size_t);
void *our_memset(void *, int, size_t);
int our_memcmp(const void *, const void *, size_t);
int our_strcmp(const char *, const char *);
static unsigned char a[64], b[64];
static void fill(void) { for (int i = 0; i < 64; i++) a[i] = b[i] = (unsigned char)(i * 37 + 1); }
static int sign(int x) { return (x > 0) - (x < 0); }
int main(void) {
    int wrong = 0;
    for (size_t to = 0; to < 24; to++) for (size_t from = 0; from < 24; from++)
        for (size_t n = 0; n < 24; n++) {
            fill(); memmove(a + to, a + from, n);
            wrong += our_memmove(b + to, b + from, n) != b + to || memcmp(a, b, 64) != 0;
            fill(); memcpy(a + 32 + to % 8, a + from % 8, n);
            our_memcpy(b + 32 + to % 8, b + from % 8, n); wrong += memcmp(a, b, 64) != 0;
            fill(); memset(a + to, (int)(from * 11), n);
            our_memset(b + to, (int)(from * 11), n); wrong += memcmp(a, b, 64) != 0;
            fill(); wrong += sign(memcmp(a + to, a + from, n)) != sign(our_memcmp(a + to, a + from, n));
        }
    wrong += our_strcmp("run", "run") != 0 || our_strcmp("run", "rum") <= 0 || our_strcmp("r", "run") >= 0;
    puts(wrong == 0 ? "agree" : "differ");
    return 0;
}
`;

function never(): never {
  throw new Error("no such target");
}
