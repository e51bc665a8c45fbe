import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, IMAGES, temporaryFolder, tritc, tritcJson } from "./run.js";

/** A folder of compiled digits. */
async function compiledDigits(): Promise<string> {
  const folder = temporaryFolder();
  await tritc(["compile", DIGITS, "-o", folder, "--name", "digits"]);
  return folder;
}

function edit(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, "utf8");
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(path, edited);
}

describeWith(["cc"], "verify on this computer", () => {
  it("compiles a model and shows that it is right, on seeded inputs", async () => {
    const { code, stdout, stderr } = await tritc(["verify", DIGITS]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("model (model.onnx) against the simulator, 19 inputs from seed 1");
    expect(stdout).toMatch(/^native +equal /m);
  });

  it("takes a folder without the model, and inputs from a file", async () => {
    const { code, object } = await tritcJson([
      "verify",
      await compiledDigits(),
      "--inputs",
      IMAGES,
      "--count",
      "12",
    ]);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      command: "verify",
      model: { file: "model.onnx", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      name: "digits",
      vectors: { count: 12, file: IMAGES, seed: null },
      equal: true,
      targets: [{ ran: true, target: "native", equal: true, vectors: 12, firstDifference: null }],
    });
    expect(object).not.toHaveProperty("error");
    expect(object).not.toHaveProperty("targets.0.outputs");
  });

  it("takes another seed and count", async () => {
    const { object } = await tritcJson(["verify", DIGITS, "--seed", "7", "--count", "5"]);
    expect(object.vectors).toEqual({ count: 5, file: null, seed: 7, frames: null });
  });

  it("catches edited C, and names the first layer that differs", async () => {
    const folder = await compiledDigits();
    edit(
      join(folder, "digits.c"),
      /(conv2d_1_\w+\[\d+\] = \{[^}]*?\n +)(0x[0-9a-f]{2}|\d+)/,
      "$10xa5",
    );
    const { code, stdout, stderr } = await tritc(["verify", folder, "--inputs", IMAGES]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^native +DIFFERENT /m);
    expect(stderr).toContain("error verify/different: native: ");
    expect(stderr).toContain("the first layer that differs is 1, conv2d_1");
    const { object, ...json } = await tritcJson(["verify", folder, "--inputs", IMAGES]);
    expect(json.code).toBe(1);
    expect(object).toMatchObject({
      equal: false,
      targets: [{ ran: true, equal: false, firstDifference: { layer: { name: "conv2d_1" } } }],
    });
    expect(errorCodes(object)).toEqual(["verify/different"]);
  });

  it("warns of an edit that no input shows", async () => {
    const folder = await compiledDigits();
    expect((await tritcJson(["verify", folder])).object.remarks).toEqual([]);
    edit(join(folder, "digits.c"), /$/, "/* mine */\n");
    const { code, object } = await tritcJson(["verify", folder]);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      equal: true,
      remarks: [{ code: "read/edited", where: { file: join(folder, "digits.c") } }],
    });
  });

  it("exits with 1 for C that does not compile", async () => {
    const folder = await compiledDigits();
    edit(join(folder, "digits.c"), /$/, "int x = ;\n");
    const { code, object } = await tritcJson(["verify", folder]);
    expect(code).toBe(1);
    expect(errorCodes(object)).toEqual(["verify/does-not-compile"]);
    expect(object).toMatchObject({ equal: false, targets: [{ ran: false, target: "native" }] });
  });

  it("never counts a target that could not run as equal", async () => {
    const env = { ...process.env, TRITC_ARM_GCC: join(temporaryFolder(), "no-gcc") };
    const argv = ["verify", DIGITS, "-t", "cortex-m4,native"];
    const { code, stdout, stderr } = await tritc(argv, { env });
    expect(code).toBe(6);
    expect(stdout).toMatch(/^cortex-m4 +NOT COMPARED$/m);
    expect(stdout).toMatch(/^native +equal /m);
    expect(stderr).toContain("error tool/missing: target cortex-m4 needs arm-none-eabi-gcc");
    expect(stderr).toContain("sudo apt-get install gcc-arm-none-eabi");
    const { object } = await tritcJson(argv, { env });
    expect(object.equal).toBe(false);
    expect(errorCodes(object)).toEqual(["tool/missing"]);
  });

  it("keeps what it builds in a work folder, which must be new", async () => {
    const folder = join(temporaryFolder(), "work");
    expect((await tritc(["verify", DIGITS, "--work-dir", folder])).code).toBe(0);
    expect(readdirSync(folder)).toEqual(["native"]);
    const { code, object } = await tritcJson(["verify", DIGITS, "--work-dir", folder]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/folder-in-use"]);
  });
});

describeWith(["arm-gcc", "qemu-arm"], "verify on an emulated core", () => {
  it("measures flash, RAM and instructions, in all and layer by layer", async () => {
    const argv = ["verify", await compiledDigits(), "-t", "cortex-m4", "--count", "4"];
    const { code, object } = await tritcJson(argv);
    expect(code).toBe(0);
    const number = expect.any(Number);
    const count = { min: number, max: number };
    expect(object).toMatchObject({
      equal: true,
      targets: [
        {
          target: "cortex-m4",
          flash: { weights: number, code: number },
          ram: { data: number, stack: number },
          instructions: { vectors: 3, total: count, layers: Array(6).fill(count) },
          layers: expect.arrayContaining(["conv2d"]),
        },
      ],
    });
    const { stdout } = await tritc([...argv, "-v"]);
    expect(stdout).toMatch(
      /^cortex-m4 +equal +[\d,]+( \.\. [\d,]+)? +[\d,]+ B +[\d,]+ B +[\d,]+ B +[\d,]+ B$/m,
    );
    expect(stdout).toContain("Instructions are exact, for one inference, counted on 3 inputs.");
    expect(stdout).toMatch(/^conv2d_1 +[\d,]+( \.\. [\d,]+)? +\d+ %$/m);
  });
});

describe("a folder that cannot be verified", () => {
  it("holds no compiled model", async () => {
    const { code, object } = await tritcJson(["verify", temporaryFolder()]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/no-manifest"]);
  });

  it("holds several, of which none is named", async () => {
    const folder = await compiledDigits();
    await tritc(["compile", "test/models/relu6.onnx", "-o", folder]);
    const { code, stderr } = await tritc(["verify", folder]);
    expect(code).toBe(2);
    expect(stderr).toContain("usage/which-model");
    expect(stderr).toContain("digits, relu6");
  });

  it("lacks a generated file", async () => {
    const folder = await compiledDigits();
    edit(join(folder, "digits.tritc.json"), '"digits.c"', '"digit.c"');
    const { code, object } = await tritcJson(["verify", folder]);
    expect(code).toBe(3);
    expect(errorCodes(object)).toEqual(["read/missing-generated-file"]);
  });

  it.each([
    ["is no JSON", /^\{/, "["],
    ["has another format", '"format": 1', '"format": 2'],
    ["holds a changed network", /"low": -?\d+/, '"low": 7'],
    ["is of another name", '"name": "digits"', '"name": "digit"'],
    ["reaches out of the folder", '"digits.c"', '"../digits.c"'],
  ])("has a manifest that %s", async (_what, from, to) => {
    const folder = await compiledDigits();
    edit(join(folder, "digits.tritc.json"), from, to);
    const { code, object } = await tritcJson(["verify", folder]);
    expect(code).toBe(3);
    expect(errorCodes(object)).toEqual(["read/damaged-manifest"]);
  });

  it("is named by a path that leads through a file", async () => {
    const { code, object } = await tritcJson(["verify", `${DIGITS}/x`]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/missing-file"]);
  });
});
