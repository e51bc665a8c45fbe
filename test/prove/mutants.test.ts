import { expect, it } from "vitest";
import { proveSubject, unprovedAlarms } from "../../src/prove/index.js";
import { describeWith } from "../verify/toolchains.js";
import { mutated, subjectOfModel, TARGET } from "./subjects.js";

/** A fault planted into generated C, and what must be said about it. */
interface Mutant {
  readonly name: string;
  readonly model: "padded-conv" | "dense-picture" | "binary-thresholds" | "residual-sum";
  readonly from: string;
  readonly to: string;
  readonly kind: RegExp;
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
    from: "(int32_t *)(void *)&arena[12]",
    to: "(int32_t *)(void *)&arena[16]",
    kind: /valid_dest/,
  },
  {
    name: "accumulators that do not begin at all",
    model: "dense-picture",
    from: "(void)memset(acc, 0, 3u * sizeof acc[0]);",
    to: "",
    kind: /initiali[sz]/,
  },
  {
    name: "one accumulator that does not begin",
    model: "dense-picture",
    from: "(void)memset(acc, 0, 3u * sizeof acc[0]);",
    to: "(void)memset(acc, 0, 2u * sizeof acc[0]);",
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
    from: "    12, /* shift */",
    to: "    32, /* shift */",
    kind: /shift/,
  },
  {
    name: "a shift that is one too small",
    model: "residual-sum",
    from: "    9, /* shift */",
    to: "    1, /* shift */",
    kind: /downcast|within_range/,
  },
  {
    name: "no clamping from below",
    model: "padded-conv",
    from: "    n = low - (beyond & (beyond >> 31));",
    to: "    n = low - beyond;",
    kind: /downcast/,
  },
  {
    name: "a multiplier that is too large",
    model: "padded-conv",
    from: "    819, 410,",
    to: "    4194304, 410,",
    kind: /overflow/,
  },
  {
    name: "accumulators of 16 bits",
    model: "residual-sum",
    from: "        const int64_t p = (a[i] * multiplier_a[i * multiplier_a_stride]) +",
    to: "        const int64_t p = ((int16_t)(a[i] * multiplier_a[i * multiplier_a_stride])) +",
    kind: /downcast/,
  },
  {
    name: "an output outside its stated range",
    model: "binary-thresholds",
    from: "(base + (step * thresholds_reached(acc[i], list, steps)))",
    to: "(base + 1 + (step * thresholds_reached(acc[i], list, steps)))",
    kind: /within_range/,
  },
];

describeWith(["frama-c"], "planted faults", () => {
  it.each(MUTANTS)("$name: raises an alarm", async ({ model, from, to, kind }) => {
    const { network, subject } = subjectOfModel(`test/golden/${model}/model.onnx`);
    const wrong = mutated(subject, from, to);
    const proof = await proveSubject(network, wrong, TARGET);
    expect(proof.proved).toBe(false);
    const [first] = unprovedAlarms(proof, wrong);
    expect(first?.code).toBe("verify/unproved");
    expect(proof.alarms.map((alarm) => alarm.kind).join("; ")).toMatch(kind);
  });
});
