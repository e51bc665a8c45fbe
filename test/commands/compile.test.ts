import * as nodeFs from "node:fs";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OutputFs } from "../../src/io/output.js";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, temporaryFolder, tritc, tritcJson } from "./run.js";

const FILES = ["digits.c", "digits.h", "digits.tritc.json"];

function compileTo(folder: string, ...more: string[]): string[] {
  return ["compile", DIGITS, "-o", folder, "--name", "digits", ...more];
}

function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

describe("compile", () => {
  it("writes header, source and manifest, into folders that it makes", async () => {
    const folder = join(temporaryFolder(), "new", "place");
    const { code, stdout, stderr } = await tritc(compileTo(folder));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readdirSync(folder).sort()).toEqual(FILES);
    expect(stdout).toContain("model.onnx for cortex-m4, as digits: 6 layers");
    expect(stdout).toMatch(/flash {2}at most [\d,]+ B of tables/);
    expect(stdout).toMatch(
      /RAM {4}[\d,]+ B of arena \(no arrangement needs less\), input and output/,
    );
    for (const file of FILES) expect(stdout).toContain(file);
    expect(stdout).not.toContain("not rows-binary");
  });

  it("adds the files for a serial line, which models in one folder share", async () => {
    const folder = temporaryFolder();
    const { code } = await tritc(compileTo(folder, "--serial"));
    const shared = ["tritc_serial.c", "tritc_serial.h", "tritc_ticks.h"];
    const own = ["digits_serial.c", "digits_serial.h"];
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([...FILES, ...own, ...shared].sort());
    const other = ["compile", DIGITS, "-o", folder, "--name", "other", "--serial"];
    expect((await tritc(other)).code).toBe(0);
    expect((await tritc(["verify", folder, "--name", "digits"])).code).toBe(0);
  });

  it("refuses to measure on this computer", async () => {
    const folder = join(temporaryFolder(), "none");
    const { code, stderr } = await tritc(compileTo(folder, "--measure", "--target", "native"));
    expect(code).toBe(2);
    expect(stderr).toContain("usage/cannot-measure");
    expect(existsSync(folder)).toBe(false);
  });

  it("gives what it wrote and the facts as an object", async () => {
    const folder = temporaryFolder();
    const { code, object } = await tritcJson(compileTo(folder, "--target", "cortex-m0"));
    expect(code).toBe(0);
    expect(object).toMatchObject({
      command: "compile",
      model: { file: "model.onnx", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      name: "digits",
      folder,
      facts: { target: "cortex-m0", total: { weights: 15248 } },
    });
    const written = Object.entries(contents(folder)).map(([path, text]) => ({
      path,
      bytes: Buffer.byteLength(text),
    }));
    expect(object.files).toEqual(expect.arrayContaining(written));
    expect(object.facts).toHaveProperty("layers.0.kernel");
    expect(object.facts).toHaveProperty("layers.0.rejected");
  });

  it("is silent about kernels for layers of another kind, even with --verbose", async () => {
    const { stdout } = await tritc([...compileTo(temporaryFolder()), "--verbose"]);
    expect(stdout).toContain("  not rows-ternary: ");
    expect(stdout).not.toContain("rows-binary");
  });

  it("writes the same bytes every time, wherever model and output are", async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    const elsewhere = join(two, "model.onnx");
    copyFileSync(DIGITS, elsewhere);
    await tritc(compileTo(join(one, "c")));
    await tritc(["compile", elsewhere, "-o", join(two, "c"), "--name", "digits"]);
    expect(contents(join(two, "c"))).toEqual(contents(join(one, "c")));
    expect(JSON.stringify(contents(join(one, "c")))).not.toContain(two);
  });

  it("names the C after the file when it is given no name", async () => {
    const folder = temporaryFolder();
    const model = join(folder, "My Ternary-Net.v2.onnx");
    copyFileSync(DIGITS, model);
    const { code } = await tritc(["compile", model, "-o", join(folder, "c")]);
    expect(code).toBe(0);
    const [header = ""] = readdirSync(join(folder, "c")).filter((file) => file.endsWith(".h"));
    expect(header).toMatch(/^my_ternary_net/);
    const text = readFileSync(join(folder, "c", header), "utf8");
    expect(text).toContain("tritc compile 'My Ternary-Net.v2.onnx'");
  });

  it.each(["int", "string", "con", "Ünïcode", "two words", "9lives", "", "a".repeat(60)])(
    "refuses the name %j and suggests one, before anything is written",
    async (name) => {
      const folder = join(temporaryFolder(), "c");
      const { code, stderr } = await tritc(["compile", DIGITS, "-o", folder, "--name", name]);
      expect(code).toBe(2);
      expect(stderr).toContain("usage/bad-name");
      expect(stderr).toMatch(/Use for example --name [a-z][a-z0-9_]*\./);
      expect(existsSync(folder)).toBe(false);
    },
  );

  it("takes no empty folder name, as of a shell variable that is not set", async () => {
    const { code, stderr } = await tritc(["compile", DIGITS, "-o", ""]);
    expect(code).toBe(2);
    expect(stderr).toContain("It must not be empty.");
  });

  it("writes nothing for a model that it refuses", async () => {
    const folder = temporaryFolder();
    const model = join(folder, "broken.onnx");
    writeFileSync(model, "not a model");
    const { code } = await tritc(["compile", model, "-o", join(folder, "c")]);
    expect(code).toBe(3);
    expect(readdirSync(folder)).toEqual(["broken.onnx"]);
  });
});

describe("two models in one folder", () => {
  it("stand side by side under two names", async () => {
    const folder = temporaryFolder();
    await tritc(compileTo(folder));
    const { code } = await tritc(["compile", "test/models/relu6.onnx", "-o", folder]);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toHaveLength(6);
  });

  it("are refused under one name, with the way out", async () => {
    const folder = temporaryFolder();
    await tritc(compileTo(folder));
    const before = contents(folder);
    const other = ["compile", "test/models/relu6.onnx", "-o", folder, "--name", "digits"];
    const { code, stderr } = await tritc(other);
    expect(code).toBe(5);
    expect(stderr).toContain("output/name-taken");
    expect(stderr).toContain("made from model.onnx and not from relu6.onnx");
    expect(stderr).toContain("--name");
    expect(contents(folder)).toEqual(before);
  });

  it("compiles the same file again over its own output", async () => {
    const folder = temporaryFolder();
    await tritc(compileTo(folder));
    const { code } = await tritc(compileTo(folder, "--target", "cortex-m0"));
    expect(code).toBe(0);
    expect(contents(folder)["digits.tritc.json"]).toContain('"target": "cortex-m0"');
  });

  it("never replaces a file that somebody else wrote", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "digits.c"), "int precious;\n");
    const { code, object } = await tritcJson(compileTo(folder));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/not-ours"]);
    expect(contents(folder)).toEqual({ "digits.c": "int precious;\n" });
  });

  it("takes a damaged manifest for somebody else's file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "digits.tritc.json"), "{");
    const { code, object } = await tritcJson(compileTo(folder));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/not-ours"]);
  });
});

describe("an output folder that cannot be written", () => {
  it("may be a file", async () => {
    const file = join(temporaryFolder(), "c");
    writeFileSync(file, "mine");
    const { code, object } = await tritcJson(compileTo(file));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/in-the-way"]);
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  it("may lie below a file", async () => {
    const file = join(temporaryFolder(), "c");
    writeFileSync(file, "mine");
    const { code, object } = await tritcJson(compileTo(join(file, "deeper")));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/in-the-way"]);
  });

  it("may hold a folder of a file's name", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "digits.tritc.json"));
    const { code, object } = await tritcJson(compileTo(folder));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/in-the-way"]);
    expect(readdirSync(folder)).toEqual(["digits.tritc.json"]);
  });

  // Root may write anywhere.
  it.skipIf(process.getuid?.() === 0)("may be read-only", async () => {
    const folder = temporaryFolder();
    nodeFs.chmodSync(folder, 0o555);
    const { code, object } = await tritcJson(compileTo(join(folder, "c")));
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/not-writable"]);
  });

  it.each([
    ["ENOSPC", "output/disk-full"],
    ["EDQUOT", "output/disk-full"],
    ["EROFS", "output/not-writable"],
    ["EACCES", "output/not-writable"],
    ["EIO", "output/failed"],
  ])("may fail with %s", async (system, diagnostic) => {
    const folder = join(temporaryFolder(), "a", "b");
    const { code, object } = await tritcJson(compileTo(folder), { outputFs: failing(system) });
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual([diagnostic]);
    expect(existsSync(join(folder, ".."))).toBe(false);
  });
});

/** A disk on which the second file no longer fits. */
function failing(code: string): OutputFs {
  let written = 0;
  return {
    ...nodeFs,
    writeFileSync: (path, data) => {
      written += 1;
      if (written === 2) throw Object.assign(new Error(`${code}: no luck`), { code });
      nodeFs.writeFileSync(path, data);
    },
  };
}

describeWith(["arm-gcc", "qemu-arm"], "compile --measure", () => {
  it("writes into the header what the C takes on its core", async () => {
    const folder = temporaryFolder();
    const { code } = await tritc(compileTo(folder, "--measure"));
    expect(code).toBe(0);
    const header = readFileSync(join(folder, "digits.h"), "utf8");
    expect(header).toContain("--target cortex-m4 --name digits --measure\n");
    expect(header).toMatch(
      /time {5}\d+ instructions a run, the same for each of 16 inputs \(constant time\)/,
    );
    expect(header).toMatch(/code {5}\d+ B of flash/);
    expect(header).toMatch(/stack {4}\d+ B of RAM/);
    expect(header).toMatch(/equal {4}\d+ inputs gave the simulator's outputs, bit for bit/);
    const before = contents(folder);
    expect((await tritc(compileTo(folder, "--measure"))).code).toBe(0);
    expect(contents(folder)).toEqual(before);
    // Nothing else changes: what was measured is what lies there.
    const plain = temporaryFolder();
    await tritc(compileTo(plain));
    expect(contents(plain)["digits.c"]).toBe(before["digits.c"]);
  });
});
