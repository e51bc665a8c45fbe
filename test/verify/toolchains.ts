import { describe } from "vitest";
import type { ToolId } from "../../src/targets/tools.js";
import { probeTools } from "../../src/verify/index.js";

const found = new Map<ToolId, boolean>(
  (await probeTools()).map((report) => [report.tool.id, report.found !== null]),
);

/** `describe`, or, where tools are missing, a skipped one that names them. Never skips in CI. */
export function describeWith(tools: readonly ToolId[], name: string, tests: () => void): void {
  const missing = tools.filter((tool) => found.get(tool) !== true);
  if (missing.length === 0 || process.env.CI === "true") {
    describe(name, tests);
    return;
  }
  const reason = `SKIPPED, missing ${missing.join(", ")} (scripts/setup.sh installs them)`;
  console.warn(`${name}: ${reason}`);
  describe.skip(`${name}: ${reason}`, tests);
}
