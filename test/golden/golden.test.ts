import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { findTarget } from "../../src/targets/index.js";
import { VERSION } from "../../src/version.js";
import { MODELS } from "./models.js";

/**
 * The generated C of a few tiny models, byte for byte: what a person can read and audit should only
 * change on purpose. After such a change, and reading the difference:
 *
 *     TRITC_UPDATE_GOLDEN=1 npx vitest run test/golden
 */
const UPDATE = process.env.TRITC_UPDATE_GOLDEN === "1";

const FOLDER = "test/golden";

function generated(name: string): ReadonlyMap<string, string> {
  const file = readModelFile(join(FOLDER, name, "model.onnx"));
  const { files } = compile(file, { name: "net", target: findTarget("cortex-m4") });
  const unversioned = (text: string) => text.replaceAll(`tritc ${VERSION} `, "tritc VERSION ");
  return new Map([...files].map(([path, text]) => [path, unversioned(text)]));
}

describe.each(Object.entries(MODELS))("%s", (name, build) => {
  const folder = join(FOLDER, name);
  if (UPDATE) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "model.onnx"), build());
    for (const [path, text] of generated(name)) writeFileSync(join(folder, path), text);
  }

  it("says why it is here", () => {
    expect(readFileSync(join(folder, "why.md"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("is made of what models.ts says", () => {
    expect(new Uint8Array(readFileSync(join(folder, "model.onnx")))).toEqual(build());
  });

  it.each(["net.h", "net.c"])("gives the %s that was read and found right", (path) => {
    expect(generated(name).get(path)).toBe(readFileSync(join(folder, path), "utf8"));
  });
});

it("every folder is a case", () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.map((entry) => entry.name).sort()).toEqual(Object.keys(MODELS).sort());
});
