import { afterAll, beforeAll, describe } from "vitest";
import { probeTools } from "../../src/verify/index.js";
import { findPio, makePio, type Pio } from "./core.js";

/** What the platforms of these tests build and run programs with. */
const NEEDED = ["cc", "arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32", "xtensa-gcc"] as const;

const found = findPio();
const tools = await probeTools();
const missing = [
  ...(typeof found === "string" ? [found] : []),
  ...NEEDED.filter((id) => tools.find(({ tool }) => tool.id === id)?.found === null),
];

/** A pio with a core folder of its own. */
export function newPio(): Pio {
  return makePio(found);
}

/** `describe` with a pio, or, where something is missing, a skipped one that says so. Never skips in CI. */
export function describeWithPio(name: string, tests: (pio: () => Pio) => void): void {
  if (missing.length > 0 && process.env.CI !== "true") {
    const reason = `SKIPPED, missing ${missing.join(", ")} (scripts/setup.sh installs them)`;
    console.warn(`${name}: ${reason}`);
    describe.skip(`${name}: ${reason}`, () => tests(unmade));
    return;
  }
  describe(name, () => {
    let pio: Pio | null = null;
    beforeAll(() => {
      pio = newPio();
    });
    afterAll(() => pio?.remove());
    tests(() => pio ?? unmade());
  });
}

function unmade(): never {
  throw new Error("there is no pio yet");
}
