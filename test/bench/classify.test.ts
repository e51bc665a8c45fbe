import { describe, expect, test } from "vitest";
import { classify } from "../../src/bench/classify.js";
import { parseLine } from "../../src/bench/program.js";
import { FLAGS, LR, listLength, registersIn, SP, VPR } from "../../src/bench/registers.js";
import type { Kind } from "../../src/bench/timing.js";

/** Lines of arm-none-eabi-objdump -d -m armv8.1-m.main. */
const LINES: Readonly<Record<string, Kind>> = {
  "     6f0:\t4604      \tmov\tr4, r0": "alu",
  "     6f2:\teb03 0285 \tadd.w\tr2, r3, r5, lsl #2": "alu-shifted",
  "     6f6:\tfb05 f303 \tmul.w\tr3, r5, r3": "multiply",
  "     6fa:\tfb02 3301 \tmla\tr3, r2, r1, r3": "multiply-add",
  "     6fe:\tfb20 3102 \tsmlad\tr1, r0, r2, r3": "dsp-multiply",
  "     702:\tfa2f f383 \tsxtb16\tr3, r3": "dsp-alu",
  "     706:\tfb80 2301 \tsmull\tr2, r3, r0, r1": "long-multiply",
  "     70a:\tfbc0 2301 \tsmlal\tr2, r3, r0, r1": "long-multiply-add",
  "     70e:\tfb93 f3f2 \tsdiv\tr3, r3, r2": "divide",
  "     712:\tf811 2b01 \tldrb.w\tr2, [r1], #1": "load",
  "     716:\te9d3 4500 \tldrd\tr4, r5, [r3]": "load-multiple",
  "     71a:\te8bd 8ff0 \tldmia.w\tsp!, {r4, r5, r6, r7, r8, r9, sl, fp, pc}": "load-multiple",
  "     71e:\tf842 3f04 \tstr.w\tr3, [r2, #4]!": "store",
  "     722:\t54d1      \tstrb\tr1, [r2, r3]": "store-indexed",
  "     724:\tb530      \tpush\t{r4, r5, lr}": "store-multiple",
  "     726:\td1e8      \tbne.n\t6fa <bench_run+0x2a>": "branch",
  "     728:\tb13b      \tcbz\tr3, 73a <f+0x1c>": "branch",
  "     72a:\tf7ff fffe \tbl\t72a <g>": "call",
  "     72e:\t4770      \tbx\tlr": "jump",
  "     730:\te8df f003 \ttbb\t[pc, r3]": "load",
  "     734:\tbfb8      \tit\tlt": "it",
  "     736:\tf3ef 8310 \tmrs\tr3, PRIMASK": "system",
  "     73a:\tf044 e001 \tdls\tlr, r4": "loop-start",
  "     73e:\tf00f c00b \tle\tlr, 72c <f+0x10>": "loop-end",
  "     742:\tee07 3a90 \tvmov\ts15, r3": "vector-move",
  "     746:\tedd3 7a00 \tvldr\ts15, [r3]": "fp-load",
  "     74a:\tee77 7a27 \tvadd.f32\ts15, s14, s15": "fp",
  "     74e:\teee7 7a26 \tvfma.f32\ts15, s14, s13": "fp-multiply-add",
  "     752:\tec91 1f04 \tvldrb.8\tq0, [r1], #4": "vector-load",
  "     756:\teef0 2e20 \tvmladava.s8\tr2, q0, q0": "vector-multiply",
  "     75a:\tff8e 2054 \tvrshr.s8\tq1, q2, #2": "vector-alu",
  "     75e:\tfe37 0f01 \tvpsel\tq0, q3, q0": "vector-alu",
  "     762:\tfe71 0f4d \tvpst": "vector-predicate",
  "     766:\ted02 1e00 \tvstrb.8\tq0, [r2]": "vector-store",
};

describe("the kind of an instruction", () => {
  test.each(Object.entries(LINES))("of %s is %s", (line, kind) => {
    const parsed = parseLine(line);
    expect(parsed).not.toBeNull();
    expect(classify(parsed?.mnemonic ?? "", parsed?.operands ?? "").kind).toBe(kind);
  });
});

test("lines that hold no instruction are left out", () => {
  for (const line of ["00000000 <reset>:", "     740:\te000ed88 \t.word\t0xe000ed88", ""]) {
    expect(parseLine(line)).toBeNull();
  }
  expect(parseLine("     740:\tf811 2b01 \tldrb.w\tr2, [r1], #1\t@ why")).toEqual({
    ...{ address: 0x740, bytes: 4, mnemonic: "ldrb.w", operands: "r2, [r1], #1" },
  });
});

describe("registers", () => {
  const r = registersIn;

  test("of loads and stores: data, base, what they write back", () => {
    expect(classify("ldrb.w", "r2, [r1], #1")).toMatchObject({
      ...{ reads: r("r1"), writes: r("r1 r2"), base: r("r1"), updatesBase: true },
    });
    expect(classify("str", "r2, [sp, #4]")).toMatchObject({
      ...{ reads: r("r2 sp"), writes: 0n, base: SP, updatesBase: false },
    });
    expect(classify("pop", "{r4, r6-r7, pc}")).toMatchObject({
      ...{ transfers: 4, reads: SP, writes: r("r4 r6 r7 pc sp") },
    });
  });

  test("of products: the accumulator is read", () => {
    expect(classify("smlad", "r1, r0, r2, r3")).toMatchObject({
      ...{ reads: r("r0 r2 r3"), writes: r("r1") },
    });
    expect(classify("vmladava.s8", "r2, q0, q1").reads).toBe(r("r2 q0 q1"));
    expect(classify("vmladav.s8", "r2, q0, q1").reads).toBe(r("q0 q1"));
    expect(classify("vmlaldava.s16", "r2, r3, q0, q1")).toMatchObject({
      ...{ reads: r("r2 r3 q0 q1"), writes: r("r2 r3") },
    });
  });

  test("of conditions, calls and predicates", () => {
    expect(classify("subs", "r0, #1")).toMatchObject({ reads: r("r0"), writes: r("r0") | FLAGS });
    expect(classify("movlt", "r0, r1").reads).toBe(r("r0 r1") | FLAGS);
    expect(classify("bl", "72a").writes).toBe(LR);
    expect(classify("vaddt.i8", "q0, q1, q2").reads).toBe(r("q0 q1 q2") | VPR);
  });

  test("of a list, with those of floating point inside vectors", () => {
    expect(r("{d8-d9}, s5")).toBe(r("q4 q1"));
    expect([listLength("sp!, {r4-r7, lr}"), listLength("{d8-d9}"), listLength("{s1}")]).toEqual([
      5, 4, 1,
    ]);
  });
});
