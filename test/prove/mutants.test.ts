import { expect, it } from "vitest";
import { proveSubject, unprovedAlarms } from "../../src/prove/index.js";
import { kernelNamed } from "../kernels/forced.js";
import { PLAIN_KERNELS } from "../support/plain-kernels.js";
import { describeWith } from "../verify/toolchains.js";
import { mutated, subjectOfModel, TARGET } from "./subjects.js";

/** A fault planted into generated C, and what must be said about it. */
interface Mutant {
  readonly name: string;
  readonly model: "padded-conv" | "dense-picture" | "binary-thresholds" | "residual-sum";
  readonly from: string;
  readonly to: string;
  readonly kind: RegExp;
  /** The kernel of weights that it is planted into; a plain one where left out. */
  readonly kernel?: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "one row too many",
    model: "dense-picture",
    from: "rows_ternary_i8(x, net_scores_weights, 6, 3, acc);",
    to: "rows_ternary_i8(x, net_scores_weights, 6, 4, acc);",
    kind: /invalid pointer/,
  },
  {
    name: "a row that is too long",
    model: "dense-picture",
    from: "rows_ternary_i8(x, net_scores_weights, 6, 3, acc);",
    to: "rows_ternary_i8(x, net_scores_weights, 7, 3, acc);",
    kind: /out of bounds/,
  },
  {
    name: "a table that is too short",
    model: "padded-conv",
    from: "net_conv_weights[6] = {\n    0x61, 0x58, 0x02, /* +0-+0-++- */",
    to: "net_conv_weights[5] = {\n    0x61, 0x58,",
    kind: /out of bounds/,
  },
  {
    name: "padding that is off by one",
    model: "padded-conv",
    from: "if ((row < 0)",
    to: "if ((row < -1)",
    kind: /invalid pointer/,
  },
  {
    name: "a wrong stride of the input",
    model: "padded-conv",
    from: "(((row * w->width) + column) * w->channels) + first]",
    to: "(((row * w->width) + column) * w->kernel_width) + first]",
    kind: /out of bounds|pointer/,
  },
  {
    name: "scratch beyond the end of the arena",
    model: "padded-conv",
    from: "(int32_t *)(void *)&arena[0]",
    to: "(int32_t *)(void *)&arena[36]",
    kind: /out of bounds write/,
  },
  {
    name: "a first row that is left out",
    model: "dense-picture",
    from: "for (int32_t o = 0; o < outputs; ++o)",
    to: "for (int32_t o = 1; o < outputs; ++o)",
    kind: /initiali[sz]/,
  },
  {
    name: "a last row that is left out",
    model: "dense-picture",
    from: "for (int32_t o = 0; o < outputs; ++o)",
    to: "for (int32_t o = 0; o < outputs - 1; ++o)",
    kind: /initiali[sz]/,
  },
  {
    name: "an output that is not written",
    model: "padded-conv",
    from: "            y += 2;",
    to: "            y += (row == 1) ? 0 : 2;",
    kind: /all_written/,
  },
  {
    name: "a shift by the width of the type",
    model: "padded-conv",
    from: "p >> 12",
    to: "p >> 32",
    kind: /shift/,
  },
  {
    name: "a shift that is one too small",
    model: "residual-sum",
    from: "p >> 9",
    to: "p >> 1",
    kind: /downcast|within_range/,
  },
  {
    name: "no clamping from below",
    model: "padded-conv",
    from: "const int32_t raised = above & ~(above >> 31);",
    to: "const int32_t raised = above;",
    kind: /downcast/,
  },
  {
    name: "a multiplier that is too large",
    model: "padded-conv",
    from: "(acc * net_conv_multiplier[channel])",
    to: "(acc * 4194304)",
    kind: /overflow/,
  },
  {
    name: "accumulators of 16 bits",
    model: "residual-sum",
    from: "const int32_t p = (acc * 5592405) +",
    to: "const int32_t p = (int16_t)(acc * 5592405) +",
    kind: /downcast/,
  },
  {
    name: "an output outside its stated range",
    model: "binary-thresholds",
    from: "[channel * 2], 2) - 1)",
    to: "[channel * 2], 2))",
    kind: /within_range/,
  },
  {
    name: "a weight that takes a sum out of its range",
    model: "padded-conv",
    from: "0x61, 0x58, 0x02, /* +0-+0-++- */",
    to: "0x65, 0x58, 0x02, /* ++-+0-++- */",
    kind: /sums_in_range/,
  },
  {
    name: "a chunk of dual rows that is a block too long",
    model: "dense-picture",
    from: "net_scores_chunks[1] = {\n    0x01,",
    to: "net_scores_chunks[1] = {\n    0x02,",
    kind: /out of bounds|invalid pointer/,
    kernel: "dual-dense",
  },
  {
    name: "dual rows with a pair too many",
    model: "dense-picture",
    from: "    3, /* outputs */",
    to: "    5, /* outputs */",
    kind: /out of bounds|invalid pointer/,
    kernel: "dual-dense",
  },
];

describeWith(["frama-c"], "planted faults", () => {
  it.each(MUTANTS)("$name: raises an alarm", async ({ model, from, to, kind, kernel }) => {
    const { network, subject } = subjectOfModel(
      `test/golden/${model}/model.onnx`,
      kernel === undefined ? PLAIN_KERNELS : [kernelNamed(kernel)],
    );
    const wrong = mutated(subject, from, to);
    const proof = await proveSubject(network, wrong, TARGET);
    expect(proof.proved).toBe(false);
    const [first] = unprovedAlarms(proof, wrong);
    expect(first?.code).toBe("verify/unproved");
    expect(proof.alarms.map((alarm) => alarm.kind).join("; ")).toMatch(kind);
  });
});
