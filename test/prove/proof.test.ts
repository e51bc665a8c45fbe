import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { proveSubject } from "../../src/prove/index.js";
import { findTarget } from "../../src/targets/index.js";
import { errorCodes, tritc, tritcJson } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";
import { subjectOfModel, TARGET } from "./subjects.js";

const GOLDEN = readdirSync("test/golden", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `test/golden/${entry.name}/model.onnx`);

describeWith(["frama-c"], "static proof", () => {
  it.each(GOLDEN)("shows that no input makes %s go wrong", async (path) => {
    const { network, subject } = subjectOfModel(path);
    const { alarms, proved, machine } = await proveSubject(network, subject, TARGET);
    expect({ alarms, proved, machine }).toEqual({
      alarms: [],
      proved: true,
      machine: "gcc_x86_32",
    });
  });

  it("follows float32, square roots and rounding included", async () => {
    const { network, subject } = subjectOfModel("test/models/exported/bitlinear_one_legacy.onnx");
    const { alarms } = await proveSubject(network, subject, TARGET);
    expect(alarms).toEqual([]);
  });

  it("takes this computer for what it is, and tells of each layer", async () => {
    const { network, subject } = subjectOfModel("test/golden/residual-sum/model.onnx");
    const done: number[] = [];
    const proof = await proveSubject(network, subject, findTarget("native"), {
      onLayer: (count) => done.push(count),
    });
    expect(proof).toMatchObject({ machine: "gcc_x86_64", proved: true });
    expect(done).toEqual([1, 2]);
  });

  it("is a command", async () => {
    const { code, stdout, stderr } = await tritc([
      ...["verify", "test/golden/dense-picture/model.onnx", "--prove", "--target", "cortex-m4"],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^cortex-m4 +proved +gcc_x86_32/m);
    expect(stdout).toContain("no signed overflow");
  });

  it("gives up in time, and says at which layer", async () => {
    const { network, subject } = subjectOfModel("test/golden/padded-conv/model.onnx");
    await expect(proveSubject(network, subject, TARGET, { timeoutMs: 50 })).rejects.toThrow(
      /verify\/proof-timeout: .*layer conv took longer/,
    );
  });

  it("cannot be combined with what runs the C", async () => {
    const { code } = await tritcJson([
      ...["verify", "test/golden/dense-picture/model.onnx", "--prove", "--count", "3"],
    ]);
    expect(code).toBe(2);
  });
});

it("says what is missing", async () => {
  const { code, object } = await tritcJson(
    ["verify", "test/golden/dense-picture/model.onnx", "--prove"],
    { env: { ...process.env, TRITC_FRAMA_C: "/nowhere/frama-c" } },
  );
  expect(code).toBe(6);
  expect(errorCodes(object)).toEqual(["tool/missing"]);
});
