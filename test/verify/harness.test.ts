import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findTarget, TARGETS, type Target } from "../../src/targets/index.js";
import { buildPrograms, harnessFiles, WARNING_FLAGS } from "../../src/verify/build.js";
import { configurationOf } from "../../src/verify/configurations.js";
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
  for (const target of TARGETS.filter(({ machine }) => machine.kind === "qemu-arm")) {
    it(`compiles without a warning for ${target.id}`, () => compilesWithoutWarning(target));
  }

  it("adds nothing to the model's sections", () => addsNothing(findTarget("cortex-m0"), 4));
});

/** Bytes of a function that does nothing: a return. */
const OTHERS = [
  { id: "rv32ec", tools: ["riscv-gcc", "qemu-riscv32"], empty: 2 },
  { id: "rv32imc", tools: ["riscv-gcc", "qemu-riscv32"], empty: 2 },
  { id: "lx106", tools: ["xtensa-gcc", "qemu-xtensa"], empty: 2 },
] as const;

for (const { id, tools, empty } of OTHERS) {
  describeWith(tools, `the harness on ${id}`, () => {
    it("compiles without a warning", () => compilesWithoutWarning(findTarget(id)));
    it("adds nothing to the model's sections", () => addsNothing(findTarget(id), empty));
  });
}

async function compilesWithoutWarning(target: Target): Promise<void> {
  const flags = ["-ffreestanding", `-isystem${join(HARNESS, "include")}`];
  const { command } = await requireTool(target.compiler.tool, target.id);
  await warningsOf(command, [...target.compiler.flags, ...flags], harnessFiles(target));
}

/** Sizes of the model are read from sections that must hold nothing of the harness. */
async function addsNothing(target: Target, emptyBytes: number): Promise<void> {
  const configuration = configurationOf(target);
  const toolchain = await requireToolchain(configuration, process.env);
  const subject = { ...tinySubject(), sources: new Map(tinySubject().sources) };
  subject.sources.set("tiny.c", EMPTY_MODEL);
  await writeSources(folder, subject, target);
  const settings = { subject, configuration, toolchain, folder };
  const limits = { silenceLimitMs: 20_000, signal: undefined };
  const [program = ""] = await buildPrograms({ ...settings, ...limits }, ["plain"]);
  const sections = execFileSync(siblingTool(toolchain, "size"), ["-A", program], {
    encoding: "utf8",
  });
  expect(sections).toMatch(new RegExp(`^\\.model_code +${emptyBytes} `, "m"));
  // Left out, or empty.
  expect(sections).not.toMatch(/^\.model_(tables|data|bss) +[1-9]/m);
}

const EMPTY_MODEL = `#include "tiny.h"
void tiny_run(const tiny_input_t input[TINY_INPUT_SIZE], tiny_output_t output[TINY_OUTPUT_SIZE]) {
    (void)input;
    (void)output;
}
`;

describeWith(["cc"], "the arithmetic that the compiler of the lx106 lacks", () => {
  it("agrees with this computer's", async () => {
    const test = join(folder, "arithmetic_test.c");
    const program = join(folder, "arithmetic_test");
    await writeFile(test, ARITHMETIC_TEST);
    // Under names of its own: the compiler's own library may have the same functions.
    const names = ["umulsidi3", "muldi3", "udivsi3", "umodsi3", "divsi3"];
    const renamed = names.map((name) => `-D__${name}=our_${name}`);
    const source = join(HARNESS, "xtensa_arithmetic.c");
    execFileSync("cc", ["-O2", "-fwrapv", ...renamed, test, source, "-o", program]);
    expect(execFileSync(program, { encoding: "utf8" })).toBe("agree\n");
  });
});

const ARITHMETIC_TEST = `#include <stdint.h>
#include <stdio.h>
uint64_t our_umulsidi3(uint32_t, uint32_t);
int64_t our_muldi3(int64_t, int64_t);
uint32_t our_udivsi3(uint32_t, uint32_t);
uint32_t our_umodsi3(uint32_t, uint32_t);
int32_t our_divsi3(int32_t, int32_t);
static uint32_t state = 1;
static uint32_t next(void) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}
/* Of any length, and often at the edges. */
static uint32_t word(void) {
    static const uint32_t edges[] = {0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    uint32_t any = (next() << 16) ^ next();
    return next() % 4 == 0 ? edges[next() % 7] : any >> next() % 32;
}
int main(void) {
    int wrong = 0;
    for (int i = 0; i < 100000; i++) {
        uint32_t a = word(), b = word();
        uint64_t x = (uint64_t)word() << 32 | a, y = (uint64_t)word() << 32 | b;
        wrong += our_umulsidi3(a, b) != (uint64_t)a * b;
        wrong += our_muldi3((int64_t)x, (int64_t)y) != (int64_t)(x * y);
        if (b == 0) continue;
        wrong += our_udivsi3(a, b) != a / b || our_umodsi3(a, b) != a % b;
        if (a == 0x80000000u && b == 0xFFFFFFFFu) continue;
        wrong += our_divsi3((int32_t)a, (int32_t)b) != (int32_t)a / (int32_t)b;
    }
    puts(wrong == 0 ? "agree" : "differ");
    return 0;
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
