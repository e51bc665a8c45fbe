import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OPERATORS } from "../../src/read/onnx/operators.js";
import { supportedPage } from "./page.js";
import { refusalsBelow } from "./refusals.js";

const PAGE = "SUPPORTED.md";
if (process.env.TRITC_UPDATE_SUPPORTED === "1") writeFileSync(PAGE, supportedPage());

describe("SUPPORTED.md", () => {
  it("is what the tables say (npm run supported writes it)", () => {
    expect(readFileSync(PAGE, "utf8")).toBe(supportedPage());
  });

  it("has a line for every operator", () => {
    const page = readFileSync(PAGE, "utf8");
    for (const operators of Object.values(OPERATORS)) {
      for (const [name, { limits }] of Object.entries(operators)) {
        expect(page).toMatch(new RegExp(`^\\| ${name} \\|.*\\| ${escaped(limits)} \\|$`, "m"));
      }
    }
  });

  it("finds code, reason and advice of every refusal", () => {
    const refusals = refusalsBelow("src/network/lower");
    expect(refusals.length).toBeGreaterThan(25);
    for (const { code, message, hint } of refusals) {
      expect(code).toMatch(/^lower\/[a-z0-9-]+$/);
      expect(message, code).not.toBe("");
      expect(hint, code).not.toBe("");
    }
  });
});

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replace(/[.*+?^${}()[\]\\]/g, "\\$&");
}
