import { expect, it } from "vitest";
import { findTarget, TARGETS } from "../../src/targets/index.js";
import type { Subject, VerifyOptions } from "../../src/verify/index.js";
import { verifyTarget } from "../../src/verify/index.js";
import { tinySubject, tinyVectors } from "./tiny.js";
import { describeWith } from "./toolchains.js";

const EMULATED = TARGETS.filter((target) => target.machine.kind === "qemu-arm");
const vectors = tinyVectors(50);
const verify = (id: string, subject: Subject, options: VerifyOptions = {}) =>
  verifyTarget(subject, vectors, findTarget(id), options);

const BODY = "    int32_t sums[4];\n";
const atStart = (statement: string) => ({ from: BODY, to: `${BODY}    ${statement}\n` });

describeWith(["arm-gcc", "qemu-arm"], "verify on an emulated core", () => {
  for (const target of EMULATED) {
    it(`finds a right model equal on ${target.id}, and measures it`, async () => {
      const report = await verifyTarget(tinySubject(), vectors, target);
      expect(report).toMatchObject({ target: target.id, equal: true, vectors: 50, remarks: [] });
      expect(report.outputs).toEqual(vectors.expected);
      expect(report.toolchain.emulator).toContain("QEMU");
      // The two tables of weights: 4 x 8 and 2 x 4 bytes, the latter perhaps unrolled into code.
      expect(report.flash?.weights).toBeGreaterThanOrEqual(32);
      expect(report.flash?.weights).toBeLessThanOrEqual(48);
      expect(report.flash?.code).toBeGreaterThan(100);
      expect(report.ram?.data).toBe(4);
      expect(report.ram?.stack).toBeGreaterThanOrEqual(16);
      expect(report.ram?.stack).toBeLessThan(256);
      expect(report.instructions?.vectors).toBe(3);
      expect(report.instructions?.total.min).toBeGreaterThan(100);
      expect(report.instructions?.layers).toHaveLength(2);
    });
  }

  it("measures the same every time", async () => {
    const [first, second] = [
      await verify("cortex-m4", tinySubject()),
      await verify("cortex-m4", tinySubject()),
    ];
    expect(second).toEqual(first);
  });

  it("counts the support functions of a core without 64-bit products as the model's code", async () => {
    const narrow = {
      from: "    int64_t scaled = ((int64_t)sum * 5000000 + 8388608) >> 24;",
      to: "    int32_t scaled = (sum * 5 + 8) >> 4;",
    };
    const code = async (id: string, subject: Subject) =>
      (await verify(id, subject)).flash?.code ?? 0;
    const wide = await code("cortex-m0", tinySubject());
    expect(wide - (await code("cortex-m0", tinySubject(narrow)))).toBeGreaterThan(60);
  });

  it("sees the stack that a call uses to the byte", async () => {
    const hungry = (bytes: number) =>
      atStart(`volatile uint8_t room[${bytes}]; room[0] = 1; room[${bytes - 1}] = 2; (void)room;`);
    const stack = async (bytes: number) =>
      (await verify("cortex-m3", tinySubject(hungry(bytes)))).ram?.stack ?? 0;
    expect((await stack(1064)) - (await stack(64))).toBe(1000);
  });

  it("counts more instructions where an input takes a longer path", async () => {
    const uneven = atStart(
      "for (volatile int32_t left = input[0] & 63; left > 0;) { left = left - 1; }",
    );
    const { instructions } = await verify("cortex-m4", tinySubject(uneven));
    expect(instructions?.total.max).toBeGreaterThan(instructions?.total.min ?? 0);
    expect(instructions?.layers[1]?.max).toBe(instructions?.layers[1]?.min);
  });

  it("names layer and element of a difference, and counts nothing then", async () => {
    const wrong = { from: "{-1, -1, 0, 0, 1, 1, 0, 0}", to: "{-1, -1, 0, 1, 1, 1, 0, 0}" };
    const report = await verify("cortex-m4", tinySubject(wrong));
    expect(report.equal).toBe(false);
    expect(report.firstDifference).toMatchObject({ layer: { name: "hidden" }, element: 2 });
    expect(report.instructions).toBeNull();
  });
});

describeWith(["arm-gcc", "qemu-arm"], "no verdict on an emulated core", () => {
  for (const id of ["cortex-m0plus", "cortex-m4", "cortex-m33", "cortex-m55"]) {
    it(`on a fault, whose function is named (${id})`, async () => {
      const undefinedInstruction = atStart('__asm__ volatile("udf #0");');
      await expect(verify(id, tinySubject(undefinedInstruction))).rejects.toThrow(
        /verify\/fault: cortex-m\w+: vector 0 faulted: \w+Fault at 0x[0-9a-f]{8}, in tiny_run/,
      );
    });
  }

  it("on a read where there is no memory", async () => {
    const wild = atStart("sums[0] = *(const volatile int32_t *)0xB0000000u;");
    await expect(verify("cortex-m4", tinySubject(wild))).rejects.toThrow(/verify\/fault/);
  });

  for (const id of EMULATED.map((target) => target.id)) {
    it(`on a stack overflow (${id})`, async () => {
      const deep = atStart(
        "volatile uint8_t room[20000]; for (uint32_t i = 20000u; i > 0u; i--) { room[i - 1u] = 1; } (void)room;",
      );
      await expect(verify(id, tinySubject(deep))).rejects.toThrow(
        new RegExp(`verify/stack-overflow: ${id}: vector 0 needs more than the`),
      );
    });
  }

  for (const id of ["cortex-m0", "cortex-m4", "cortex-m33", "cortex-m55"]) {
    it(`on a stack that overflows little by little (${id})`, async () => {
      const recursive = {
        from: "void tiny_run(",
        to: `static __attribute__((noinline)) int deepen(volatile int *left) {
            *left = *left - 1;
            return *left > 0 ? deepen(left) + *left : 0;
        }
        void tiny_run(`,
      };
      const called = atStart("volatile int left = 20000; sums[0] = deepen(&left);");
      await expect(verify(id, tinySubject(recursive, called))).rejects.toThrow(
        new RegExp(`verify/stack-overflow: ${id}: vector 0`),
      );
    });
  }

  it("on a hang, which is stopped", async () => {
    const hanging = atStart("for (volatile int go = 1; go != 0;) {}");
    await expect(verify("cortex-m4", tinySubject(hanging), { timeoutMs: 1500 })).rejects.toThrow(
      /verify\/hang: cortex-m4: vector 0 did not end/,
    );
  });

  it("on a model larger than the machine", async () => {
    const large = {
      from: "static int8_t arena[TINY_ARENA_SIZE];",
      to: "static int8_t arena[20000];",
    };
    await expect(verify("cortex-m0", tinySubject(large))).rejects.toThrow(
      /verify\/does-not-fit.*microbit[\s\S]*RAM/,
    );
  });

  it("on a warning of the cross-compiler", async () => {
    const warned = atStart("int8_t narrow = sums[0]; (void)narrow;");
    await expect(verify("cortex-m4", tinySubject(warned))).rejects.toThrow(
      /verify\/does-not-compile[\s\S]*conversion/,
    );
  });

  it("without an emulator", async () => {
    const env = { ...process.env, TRITC_QEMU_ARM: "/no/qemu" };
    await expect(verify("cortex-m4", tinySubject(), { env })).rejects.toThrow(
      /tool\/missing: target cortex-m4 needs qemu-system-arm/,
    );
  });

  it("from an emulator that does not know the machine", async () => {
    const cortexM4 = findTarget("cortex-m4");
    if (cortexM4.machine.kind !== "qemu-arm") throw new Error("not emulated");
    const target = { ...cortexM4, machine: { ...cortexM4.machine, name: "no-such-board" } };
    await expect(verifyTarget(tinySubject(), vectors, target)).rejects.toThrow(
      /tool\/failed[\s\S]*unsupported machine type/,
    );
  });

  it("about instructions when the clock is not what the table says", async () => {
    const cortexM4 = findTarget("cortex-m4");
    if (cortexM4.machine.kind !== "qemu-arm") throw new Error("not emulated");
    const target = { ...cortexM4, machine: { ...cortexM4.machine, clockHz: 24_000_000 } };
    const report = await verifyTarget(tinySubject(), vectors, target);
    expect(report).toMatchObject({ equal: true, instructions: null });
    expect(report.remarks.map((remark) => remark.code)).toEqual(["verify/not-counted"]);
  });
});
