import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { generate } from "../../src/compile.js";
import type { FileMap } from "../../src/emit/index.js";
import type { Network } from "../../src/network/types.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { findTarget, type Target } from "../../src/targets/index.js";
import { type Configuration, configurationOf } from "../../src/verify/configurations.js";
import { verifyConfiguration } from "../../src/verify/index.js";
import { seededInputs, subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { EVERYTHING, randomFloatNetwork } from "../support/float-networks.js";
import { describeWith } from "../verify/toolchains.js";

const VECTORS = 50;

function filesOf(network: Network, target: Target): FileMap {
  const model = { name: "m.onnx", bytes: new Uint8Array(), external: () => undefined };
  return generate(network, model, { name: "m", target }).files;
}

async function verified(
  network: Network,
  configuration: Configuration,
  edit: (text: string) => string = (text) => text,
) {
  const files = new Map(
    [...filesOf(network, configuration.target)].map(([name, text]) => [name, edit(text)]),
  );
  const inputs = seededInputs(network, 1, VECTORS);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  return verifyConfiguration(subjectOf(network, "m", files), vectors, configuration, {
    layers: true,
  });
}

const EQUAL = { firstDifference: null, vectors: VECTORS };

/** Built with more flags than a target's own. */
function withFlags(target: Target, ...flags: readonly string[]): Configuration {
  const compiler = { ...target.compiler, flags: [...target.compiler.flags, ...flags] };
  return { ...configurationOf({ ...target, compiler }), optimization: "-O3" };
}

describe("every float32 operation", () => {
  describeWith(["cc"], "natively", () => {
    it.each(["-O2", "-O3", "-Os"] as const)("at %s", async (optimization) => {
      const configuration = { ...configurationOf(findTarget("native")), optimization };
      expect(await verified(EVERYTHING, configuration)).toMatchObject(EQUAL);
    });
  });
  describeWith(["arm-gcc", "qemu-arm"], "on an emulated core", () => {
    it.each(["cortex-m0", "cortex-m55"])("%s", async (target) => {
      const configuration = configurationOf(findTarget(target));
      expect(await verified(EVERYTHING, configuration)).toMatchObject(EQUAL);
    });
  });
  describeWith(
    ["xtensa-gcc", "qemu-xtensa"],
    "on a core whose float32 is the harness's own",
    () => {
      it("lx106", async () => {
        const configuration = configurationOf(findTarget("lx106"));
        expect(await verified(EVERYTHING, configuration)).toMatchObject(EQUAL);
      });
    },
  );
});

describeWith(["arm-gcc", "qemu-arm"], "a compiler that may fuse products and sums", () => {
  const fusing = withFlags(findTarget("cortex-m4"), "-ffp-contract=fast");

  it("is kept from it", async () => {
    expect(await verified(EVERYTHING, fusing)).toMatchObject(EQUAL);
  });

  it("would do so", async () => {
    const unprotected = (text: string): string => text.replace(/^ +TRITC_ROUNDED\(.*\);$/gm, "");
    const report = await verified(EVERYTHING, fusing, unprotected);
    expect(report.firstDifference?.layer?.name).toBe("all");
  });
});

describeWith(["cc"], "random programs", () => {
  it.each([1, 2, 3])("seed %i", async (seed) => {
    const configuration = configurationOf(findTarget("native"));
    expect(await verified(randomFloatNetwork(seed), configuration)).toMatchObject(EQUAL);
  });
});

describeWith(["cc"], "float32 in C", () => {
  it.each(["-ffast-math", "-ffinite-math-only"])("is refused with %s", (flag) => {
    const folder = mkdtempSync(join(tmpdir(), "tritc-float-"));
    try {
      for (const [name, text] of filesOf(EVERYTHING, findTarget("native"))) {
        writeFileSync(join(folder, name), text);
      }
      const compiled = spawnSync("cc", [flag, "-fsyntax-only", "m.c"], { cwd: folder });
      expect(compiled.status).not.toBe(0);
      expect(`${compiled.stderr}`).toContain("needs IEEE arithmetic");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has the C library's square root and rounding", () => {
    const kernels = resolve("firmware/kernels");
    const folder = mkdtempSync(join(tmpdir(), "tritc-float-"));
    try {
      writeFileSync(join(folder, "check.c"), CHECK);
      const flags = ["-O2", "-I", kernels, "check.c", "-o", "check", "-lm"];
      execFileSync("cc", flags, { cwd: folder, stdio: "pipe" });
      expect(`${execFileSync(join(folder, "check"))}`).toBe("");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Every 251st of all bit patterns: 17 million, each exponent and sign among them. */
const CHECK = `
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "float32.h"
#include "sqrt.h"
#include "round.h"

int main(void) {
    for (uint64_t pattern = 0; pattern <= 0xffffffffu; pattern += 251u) {
        const uint32_t bits = (uint32_t)pattern;
        float x, ours, theirs;
        memcpy(&x, &bits, sizeof x);
        ours = tritc_sqrt(x);
        theirs = sqrtf(x);
        if (memcmp(&ours, &theirs, sizeof ours) != 0 && !(ours != ours && theirs != theirs)) {
            printf("sqrt of %08x\\n", (unsigned)bits);
        }
        if (fabsf(x) < 4194303.0f && tritc_round(x, -4194303.0f, 4194303.0f) != (int32_t)rintf(x)) {
            printf("round of %08x\\n", (unsigned)bits);
        }
    }
    return 0;
}
`;
