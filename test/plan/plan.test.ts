import { describe, expect, it } from "vitest";
import { KERNELS, type Kernel } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { type PlanOptions, plan } from "../../src/plan/index.js";
import { findTarget } from "../../src/targets/index.js";
import { subjectOfModel } from "../prove/subjects.js";

const TARGET = findTarget("cortex-m4");

const { network } = subjectOfModel("examples/digits/model.onnx");

/** A kernel like the plain one, but for what it takes. */
function variant(
  name: string,
  { flash, time, scratch = 0 }: { flash: number; time: number; scratch?: number },
  traits: Pick<Kernel, "multiplies"> = {},
): Kernel {
  const plain = KERNELS.find((kernel) => kernel.name === "rows-ternary");
  if (plain === undefined) throw new Error("no plain kernel");
  return {
    ...plain,
    ...traits,
    name,
    cost: (shape, target) => {
      const cost = plain.cost(shape, target);
      return {
        ...cost,
        tableBytes: Math.round(flash * cost.tableBytes),
        cycles: time * cost.cycles,
        scratchBytes: cost.scratchBytes + scratch,
      };
    },
    code: (shape, target) => {
      const code = plain.code(shape, target);
      const more = { name: "more", type: "uint8" as const, elements: scratch };
      return scratch === 0 ? code : { ...code, scratch: [...code.scratch, more] };
    },
  };
}

const OTHERS = KERNELS.filter(
  ({ name }) => !/ternary|base3|dense|conv|lut|dual|sparse|straight/.test(name),
);
const SLOW = variant("slow", { flash: 1, time: 1 });
const FAST = variant("fast", { flash: 3, time: 0.25 });
const HUNGRY = variant("hungry", { flash: 1, time: 0.5, scratch: 4096 });
/** Gives two thirds of the time for a two-hundredth of the flash. */
const MISER = variant("miser", { flash: 0.995, time: 3 });
const PRODUCTS = variant("products", { flash: 1, time: 0.1 }, { multiplies: true });

function kernelsOf(options: PlanOptions, kernels: readonly Kernel[], of: Network = network) {
  const planned = plan(of, TARGET, { ...options, kernels: [...OTHERS, ...kernels] });
  const names = planned.layers.map(({ kernel }) => kernel.name);
  return { planned, names: names.filter((name) => kernels.some((k) => k.name === name)) };
}

const flashOf = ({ layers }: ReturnType<typeof plan>): number =>
  layers.reduce((sum, { cost }) => sum + cost.tableBytes + cost.codeBytes, 0);

describe("a plan", () => {
  it("for speed takes what is fast, for size what is small", () => {
    expect(new Set(kernelsOf({ optimize: "speed" }, [SLOW, FAST]).names)).toEqual(
      new Set(["fast"]),
    );
    expect(new Set(kernelsOf({ optimize: "size" }, [SLOW, FAST]).names)).toEqual(new Set(["slow"]));
  });

  it("that is balanced spends half as much flash again where it helps most", () => {
    const { planned, names } = kernelsOf({}, [SLOW, FAST]);
    expect(new Set(names)).toEqual(new Set(["slow", "fast"]));
    const small = flashOf(kernelsOf({ optimize: "size" }, [SLOW, FAST]).planned);
    expect(flashOf(planned)).toBeLessThanOrEqual(1.5 * small);
  });

  it("keeps a limit of flash, and gives much time for a few bytes only where it must", () => {
    const kernels = [SLOW, FAST, MISER];
    const small = flashOf(kernelsOf({ optimize: "size" }, kernels).planned);
    const within = kernelsOf({ optimize: "size", maxFlash: small - 1 }, kernels);
    expect(flashOf(within.planned)).toBeLessThan(small);
    expect(within.names).toContain("miser");
    expect(kernelsOf({ optimize: "size" }, kernels).names).not.toContain("miser");
    const all = new Set(kernelsOf({ optimize: "smallest" }, kernels).names);
    expect(all).toEqual(new Set(["miser"]));
  });

  it("keeps a limit of RAM, by kernels that need less", () => {
    const free = kernelsOf({ optimize: "speed" }, [SLOW, HUNGRY]);
    expect(new Set(free.names)).toEqual(new Set(["hungry"]));
    const { planned, names } = kernelsOf({ optimize: "speed", maxRam: 6000 }, [SLOW, HUNGRY]);
    expect(planned.arenaBytes).toBeLessThanOrEqual(6000);
    expect(names).toContain("slow");
    expect(names).toContain("hungry");
  });

  it("without multiplications leaves out what multiplies", () => {
    const names = (multiply: boolean) =>
      new Set(kernelsOf({ optimize: "speed", multiply }, [SLOW, PRODUCTS]).names);
    expect(names(true)).toEqual(new Set(["products"]));
    expect(names(false)).toEqual(new Set(["slow"]));
  });

  it.each([
    [{ optimize: "size", maxFlash: 100 }, /plan\/max-flash.*at least [\d,]+ bytes/s],
    [{ optimize: "speed", maxRam: 100 }, /plan\/max-ram.*at least [\d,]+ bytes/s],
    [{ optimize: "size", maxCycles: 1000 }, /plan\/max-cycles.*at least [\d,]+ cycles/s],
    [{ optimize: "speed", maxCycles: 1000 }, /plan\/max-cycles.*at least [\d,]+ cycles/s],
  ] as const)("that cannot be made names what can: %o", (options, message) => {
    expect(() => kernelsOf(options, [SLOW, FAST])).toThrow(message);
  });

  it("names a limit that can be kept", () => {
    const least = (options: PlanOptions): number => {
      try {
        kernelsOf(options, [SLOW, FAST]);
      } catch (error) {
        const [, number = ""] = /at least ([\d,]+)/.exec(String(error)) ?? [];
        return Number(number.replaceAll(",", ""));
      }
      throw new Error("it was kept");
    };
    const maxRam = least({ maxRam: 16 });
    expect(kernelsOf({ maxRam }, [SLOW, FAST]).planned.arenaBytes).toBe(maxRam);
    const maxFlash = least({ maxFlash: 16 });
    expect(flashOf(kernelsOf({ maxFlash }, [SLOW, FAST]).planned)).toBe(maxFlash);
    const maxCycles = least({ maxCycles: 16 });
    expect(() => kernelsOf({ maxCycles }, [SLOW, FAST])).not.toThrow();
  });
});
