import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, temporaryFolder, tritc, tritcJson } from "./run.js";

const CONFIGURATIONS = "native:gcc:sanitize,cortex-m4";

function runBundle(folder: string, env: Record<string, string> = {}) {
  const { status, stdout } = spawnSync("sh", [join(folder, "run.sh")], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, last: stdout.trim().split("\n").at(-1), stdout };
}

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length), readFileSync(path, "latin1")]),
  );
}

describeWith(["gcc", "arm-gcc", "qemu-arm"], "verify --bundle", () => {
  const home = mkdtempSync(join(tmpdir(), "tritc-test-"));
  const bundle = join(home, "bundle");
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const copy = () => {
    const folder = join(temporaryFolder(), "copy");
    cpSync(bundle, folder, { recursive: true });
    return folder;
  };

  beforeAll(async () => {
    const { code } = await tritc(["verify", DIGITS, "-t", CONFIGURATIONS, "--bundle", bundle]);
    expect(code).toBe(0);
  });

  it("writes a folder that shows the same without tritc", () => {
    const { status, last, stdout } = runBundle(copy());
    expect({ status, last }).toEqual({ status: 0, last: "PASS" });
    for (const id of ["native-gcc-sanitize", "cortex-m4"]) {
      expect(stdout).toContain(`equal      ${id}`);
    }
  });

  it("writes the same bytes again", async () => {
    const again = join(temporaryFolder(), "again");
    await tritc(["verify", DIGITS, "-t", CONFIGURATIONS, "--bundle", again]);
    expect(contents(again)).toEqual(contents(bundle));
  });

  it("holds the report to read, the float model's included where it was compared", async () => {
    const report = readFileSync(join(bundle, "report.txt"), "utf8");
    expect(report).toMatch(/^native:gcc:sanitize +equal /m);
    expect(report).not.toContain("float model");
    const folder = join(temporaryFolder(), "calibrated");
    const inputs = ["--inputs", "test/calibrate/digits.npz:images", "--count", "20"];
    const { code } = await tritc([
      ...["verify", "test/calibrate/digits_legacy.onnx", "--float", ...inputs, "--bundle", folder],
      ...["--calibrate", "test/calibrate/digits.npz:calibration"],
    ]);
    expect(code).toBe(0);
    const calibrated = readFileSync(join(folder, "report.txt"), "utf8");
    expect(calibrated).toMatch(/^float model \(onnxruntime-web .*, 20 inputs$/m);
    expect(calibrated).toMatch(/^ +largest difference /m);
    expect(calibrated).toMatch(/^tensor +scale +zero +clipped +alone +in all$/m);
    const { report: json } = JSON.parse(readFileSync(join(folder, "bundle.json"), "utf8"));
    expect(json.float).toMatchObject({ inputs: 20, calibrated: true, agrees: true });
  });

  it("is verified again in full, by default in all of its configurations", async () => {
    const folder = copy();
    runBundle(folder);
    const { code, object } = await tritcJson(["verify", folder]);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      equal: true,
      model: { file: "model.onnx" },
      vectors: { file: "vectors/inputs.bin", seed: null },
    });
    expect(object.targets).toHaveLength(2);
  });

  it.each(["models/cortex-m4/model.c", "vectors/expected.bin", "harness/main.c", "network.json"])(
    "notices a change of %s",
    async (file) => {
      const folder = copy();
      appendFileSync(join(folder, file), " ");
      expect(runBundle(folder)).toMatchObject({ status: 1, last: "FAIL: this folder was changed" });
      const { code, stderr } = await tritc(["verify", folder]);
      expect(code).toBe(1);
      expect(stderr).toContain("verify/edited-bundle");
      expect(stderr).toContain(file);
    },
  );

  it("notices a file that is missing or new", async () => {
    const folder = copy();
    rmSync(join(folder, "harness/main.c"));
    writeFileSync(join(folder, "new.c"), "");
    const { stderr } = await tritc(["verify", folder]);
    expect(stderr).toContain("harness/main.c, new.c");
  });

  it("shows a difference, even if whoever made it also forged the hashes", () => {
    const folder = copy();
    const path = join(folder, "models/cortex-m4/model.c");
    const source = readFileSync(path, "utf8");
    // Whatever the kernel: the first byte or word of its weights with one bit changed.
    const first = /(?<=linear_weights\[\d+\] = \{\s+)(0x\w+|\d+)/;
    writeFileSync(
      path,
      source.replace(first, (word) => `${(Number(word) ^ 1) >>> 0}`),
    );
    expect(readFileSync(path, "utf8")).not.toBe(source);
    const forge = "sed '/models.cortex-m4.model.c/d' MANIFEST.sha256 >m && mv m MANIFEST.sha256";
    spawnSync("sh", ["-c", forge], { cwd: folder });
    const { status, last, stdout } = runBundle(folder);
    expect({ status, last }).toEqual({ status: 1, last: "FAIL" });
    expect(stdout).toContain("DIFFERENT  cortex-m4");
    expect(stdout).toContain("equal      native-gcc-sanitize");
  });

  it("does not pass what a missing tool keeps from running", () => {
    const { status, last, stdout } = runBundle(copy(), { TRITC_ARM_GCC: "no-such-gcc" });
    expect({ status, last }).toEqual({
      status: 2,
      last: "INCOMPLETE: what ran was equal, but not everything ran",
    });
    expect(stdout).toContain("NOT RUN    cortex-m4");
  });

  it("is not written where something was not equal or did not run", async () => {
    const folder = join(temporaryFolder(), "none");
    const args = ["verify", DIGITS, "-t", "native,cortex-m4", "--bundle", folder];
    const { code } = await tritc(args, {
      env: { ...process.env, TRITC_ARM_GCC: "no-such-gcc" },
    });
    expect(code).toBe(6);
    expect(existsSync(folder)).toBe(false);
  });

  it("is not written over what is there", async () => {
    const { code, stderr } = await tritc(["verify", DIGITS, "--bundle", bundle]);
    expect(code).toBe(2);
    expect(stderr).toContain("usage/folder-in-use");
  });
});
