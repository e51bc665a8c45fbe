import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { findTarget, TARGETS } from "../../src/targets/index.js";
import { TOOLS, toolOf } from "../../src/targets/tools.js";
import { NS_PER_INSTRUCTION } from "../../src/verify/run.js";

describe("the target table", () => {
  it("has unique ids and a known tool in each row", () => {
    const ids = TARGETS.map((target) => target.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const target of TARGETS)
      expect(toolOf(target.compiler.tool).id).toBe(target.compiler.tool);
  });

  // The harness rounds differences of two readings, each off by less than a tick.
  it("has clocks of more than two ticks an instruction, so that counts are exact", () => {
    for (const { machine } of TARGETS) {
      if (machine.kind === "host") continue;
      expect((machine.clockHz * NS_PER_INSTRUCTION) / 1e9).toBeGreaterThan(2);
    }
  });

  it("finds a target by its id, and lists all of them for a wrong one", () => {
    expect(findTarget("cortex-m4").machine).toMatchObject({ name: "mps2-an386" });
    expect(() => findTarget("cortex-m5")).toThrow(DiagnosticError);
    expect(() => findTarget("cortex-m5")).toThrow(/usage\/unknown-target.*"cortex-m5"/);
  });
});

describe("the tool table", () => {
  it("has a variable of its own for each tool", () => {
    expect(new Set(TOOLS.map((tool) => tool.variable)).size).toBe(TOOLS.length);
  });
});
