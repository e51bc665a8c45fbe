import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BOARDS, type Board } from "../../src/boards/index.js";

const PAGE = "docs/boards.md";
const START = "<!-- board by board: npm run supported -->\n";
const END = "<!-- end -->\n";

/** What stands in for the core of a vendor's board: test/platformio/standin/builder/main.py. */
const COMPILERS: Readonly<Record<string, string>> = {
  esp32: "GCC for the LX106",
  rv32imc: "GCC for RV32IMC",
  rv32ec: "GCC for RV32EC",
};

function rowOf({ id, name, target, platform, camera, unchecked }: Board): string {
  const checked =
    platform.kind === "emulated"
      ? "builds; golden tests and `bench` run in QEMU"
      : `builds with ${COMPILERS[target] ?? `GCC for ${target}`}, flash and RAM within their limits`;
  const driver =
    camera === null ? "frames over the serial line" : `${camera.sensor} (${camera.driver})`;
  return `| \`${id}\` | ${name} | ${driver} | ${checked} | ${unchecked.join("; ")} |`;
}

function table(): string {
  return [
    "| board | what | camera | checked here | unchecked |",
    "| ----- | ---- | ------ | ------------ | --------- |",
    ...BOARDS.map(rowOf),
    "",
  ].join("\n");
}

it("docs/boards.md lists the boards of the table", () => {
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(START);
  const [, after = ""] = rest.split(END);
  const right = `${before}${START}\n${table()}\n${END}${after}`;
  if (process.env.TRITC_UPDATE_SUPPORTED === "1") writeFileSync(PAGE, right);
  expect(readFileSync(PAGE, "utf8")).toBe(right);
});
