import { expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import type { Subject, VerifyOptions } from "../../src/verify/index.js";
import { verifyTarget } from "../../src/verify/index.js";
import { tinySubject, tinyVectors } from "./tiny.js";
import { describeWith } from "./toolchains.js";

const vectors = tinyVectors(50);
const verify = (id: string, subject: Subject, options: VerifyOptions = {}) =>
  verifyTarget(subject, vectors, findTarget(id), options);

const BODY = "    int32_t sums[4];\n";
const atStart = (statement: string) => ({ from: BODY, to: `${BODY}    ${statement}\n` });

const RISCV = {
  tools: ["riscv-gcc", "qemu-riscv32"],
  illegal: "unimp",
  wild: /verify\/fault.*LoadAccessFault/,
} as const;
const CORES = [
  { ...RISCV, id: "rv32ec", emulator: "qemu-system-riscv32" },
  { ...RISCV, id: "rv32imc", emulator: "qemu-system-riscv32" },
  {
    id: "lx106",
    tools: ["xtensa-gcc", "qemu-xtensa"],
    emulator: "qemu-system-xtensa",
    illegal: "ill",
    wild: /verify\/fault.*LoadStore\w+Error/,
  },
] as const;

for (const { id, tools, emulator, illegal, wild } of CORES) {
  describeWith(tools, `verify on ${id}`, () => {
    it("finds a right model equal, and measures it, the same every time", async () => {
      const report = await verify(id, tinySubject());
      expect(report).toMatchObject({ target: id, equal: true, vectors: 50, remarks: [] });
      expect(report.outputs).toEqual(vectors.expected);
      expect(report.toolchain.emulator).toContain("QEMU");
      // 4 x 8 bytes of weights; the other 2 x 4 may be unrolled into code.
      expect(report.flash?.weights).toBeGreaterThanOrEqual(32);
      expect(report.flash?.weights).toBeLessThanOrEqual(48);
      expect(report.flash?.code).toBeGreaterThan(100);
      expect(report.ram?.data).toBe(4);
      expect(report.ram?.stack).toBeGreaterThanOrEqual(16);
      expect(report.ram?.stack).toBeLessThan(256);
      expect(report.instructions?.vectors).toBe(3);
      expect(report.instructions?.total.min).toBeGreaterThan(100);
      expect(report.instructions?.layers).toHaveLength(2);
      expect(await verify(id, tinySubject())).toEqual(report);
    });

    it("sees the stack that a call uses to the byte", async () => {
      const hungry = (bytes: number) =>
        atStart(
          `volatile uint8_t room[${bytes}]; room[0] = 1; room[${bytes - 1}] = 2; (void)room;`,
        );
      const stack = async (bytes: number) =>
        (await verify(id, tinySubject(hungry(bytes)))).ram?.stack ?? 0;
      expect((await stack(1088)) - (await stack(64))).toBe(1024);
    });

    it("names layer and element of a difference, and counts nothing then", async () => {
      const wrong = { from: "{-1, -1, 0, 0, 1, 1, 0, 0}", to: "{-1, -1, 0, 1, 1, 1, 0, 0}" };
      const report = await verify(id, tinySubject(wrong));
      expect(report.equal).toBe(false);
      expect(report.firstDifference).toMatchObject({ layer: { name: "hidden" }, element: 2 });
      expect(report.instructions).toBeNull();
    });

    it("gives no verdict on a fault, whose function is named", async () => {
      const undefinedInstruction = atStart(`__asm__ volatile("${illegal}");`);
      await expect(verify(id, tinySubject(undefinedInstruction))).rejects.toThrow(
        /vector 0 faulted: IllegalInstruction at 0x[0-9a-f]{8}, in tiny_run/,
      );
    });

    it("gives none on a read where there is no memory", async () => {
      const nowhere = atStart("sums[0] = *(const volatile int32_t *)0xB0000000u;");
      await expect(verify(id, tinySubject(nowhere))).rejects.toThrow(wild);
    });

    it("gives none on a stack overflow", async () => {
      const deep = atStart(
        "volatile uint8_t room[20000]; for (uint32_t i = 20000u; i > 0u; i--) { room[i - 1u] = 1; } (void)room;",
      );
      await expect(verify(id, tinySubject(deep))).rejects.toThrow(
        new RegExp(`verify/stack-overflow: ${id}: vector 0 needs more than the`),
      );
    });

    it("gives none on a model larger than the machine", async () => {
      const large = {
        from: "static int8_t arena[TINY_ARENA_SIZE];",
        to: "static int8_t arena[5000000];",
      };
      await expect(verify(id, tinySubject(large))).rejects.toThrow(/verify\/does-not-fit/);
    });

    it("gives none without an emulator", async () => {
      const variable = `TRITC_${tools[1].toUpperCase().replace("-", "_")}`;
      const env = { ...process.env, [variable]: "/no/qemu" };
      await expect(verify(id, tinySubject(), { env })).rejects.toThrow(
        new RegExp(`tool/missing: target ${id} needs ${emulator}`),
      );
    });

    it("gives no instructions when the clock is not what the table says", async () => {
      const { machine, ...row } = findTarget(id);
      if (machine.kind === "host") throw new Error("not emulated");
      const target = { ...row, machine: { ...machine, clockHz: machine.clockHz * 0.9 } };
      const report = await verifyTarget(tinySubject(), vectors, target);
      expect(report).toMatchObject({ equal: true, instructions: null });
      expect(report.remarks.map((remark) => remark.code)).toEqual(["verify/not-counted"]);
    });
  });
}

describeWith(["riscv-gcc", "qemu-riscv32"], "verify on a core without multiplication", () => {
  it("counts its support functions as the model's code", async () => {
    const code = async (id: string) => (await verify(id, tinySubject())).flash?.code ?? 0;
    expect((await code("rv32ec")) - (await code("rv32imc"))).toBeGreaterThan(60);
  });

  it("faults on code that was made for a core with it", async () => {
    const { compiler } = findTarget("rv32imc");
    const target = { ...findTarget("rv32ec"), compiler };
    await expect(verifyTarget(tinySubject(), vectors, target)).rejects.toThrow(
      /verify\/fault.*IllegalInstruction/,
    );
  });
});
