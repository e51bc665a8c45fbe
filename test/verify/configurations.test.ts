import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { findTarget, TARGETS } from "../../src/targets/index.js";
import { configurationList } from "../../src/verify/configurations.js";

const ids = (text: string, ...here: string[]) =>
  configurationList(text, new Set(here.map(findTarget))).map(({ id }) => id);

function problems(text: string): string[] {
  try {
    configurationList(text);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message }) => `${code} ${message}`);
  }
  return [];
}

describe("configurationList", () => {
  it("reads compiler, level and sanitizers in any order", () => {
    expect(configurationList("native:sanitize:O3:clang, cortex-m4:Os,native")).toEqual([
      {
        id: "native:sanitize:O3:clang",
        target: findTarget("native"),
        compiler: "clang",
        optimization: "-O3",
        sanitize: true,
      },
      expect.objectContaining({ compiler: "arm-gcc", optimization: "-Os", sanitize: false }),
      expect.objectContaining({ compiler: "cc", optimization: "-O2", sanitize: false }),
    ]);
  });

  it("names every emulated core and every way to compile natively as the matrix", () => {
    const matrix = ids("matrix");
    expect(matrix).toHaveLength(
      10 + TARGETS.filter(({ optional }) => optional !== true).length - 1,
    );
    for (const compiler of ["gcc", "clang"]) {
      for (const how of ["O0", "O2", "O3", "Os", "sanitize"]) {
        expect(matrix).toContain(`native:${compiler}:${how}`);
      }
    }
    expect(matrix).toEqual(expect.arrayContaining(["cortex-m0", "cortex-m55", "rv32ec", "lx106"]));
  });

  it("takes optional targets into the sets only where their tools are", () => {
    expect(ids("all")).not.toContain("esp32");
    expect(ids("all", "esp32")).toContain("esp32");
    expect(ids("matrix", "esp32")).toContain("esp32");
    expect(ids("esp32")).toEqual(["esp32"]);
  });

  it("runs nothing twice", () => {
    expect(ids("cortex-m4,all").filter((id) => id === "cortex-m4")).toHaveLength(1);
  });

  it("says everything that is wrong at once", () => {
    expect(problems("native:icc,cortex-m4:clang,cortex-m9,native:O4")).toEqual([
      'usage/unknown-configuration "icc" in "native:icc" means nothing',
      'usage/unknown-configuration "clang" in "cortex-m4:clang" means nothing',
      'usage/unknown-target there is no target "cortex-m9"',
      'usage/unknown-configuration "O4" in "native:O4" means nothing',
    ]);
  });
});
