import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kindOf, readModelFile } from "../../src/io/files.js";
import { temporaryFolder } from "../commands/run.js";

describe("readModelFile", () => {
  it("gives the name without folders, and files in or below the model's folder only", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "models", "data"), { recursive: true });
    writeFileSync(join(folder, "models", "net.onnx"), "net");
    writeFileSync(join(folder, "models", "data", "weights.bin"), "weights");
    writeFileSync(join(folder, "secret"), "secret");
    const model = readModelFile(join(folder, "models", "net.onnx"));
    const external = (location: string) => {
      const bytes = model.external(location);
      return bytes && Buffer.from(bytes).toString();
    };
    expect(model.name).toBe("net.onnx");
    expect(external("data/weights.bin")).toBe("weights");
    expect(external("./data/../data/weights.bin")).toBe("weights");
    expect(external("data")).toBeUndefined();
    expect(external("missing")).toBeUndefined();
    expect(external("../secret")).toBeUndefined();
    expect(external("data/../../secret")).toBeUndefined();
    expect(external(join(folder, "secret"))).toBeUndefined();
  });
});

describe("kindOf", () => {
  it("tells files, folders and nothing apart", () => {
    const folder = temporaryFolder();
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect([folder, file, join(folder, "no"), join(file, "below")].map(kindOf)).toEqual([
      "folder",
      "file",
      null,
      null,
    ]);
  });
});
