import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KERNELS } from "../../src/kernels/index.js";
import { PLAIN_KERNELS } from "../support/plain-kernels.js";
import { subjectOfModel } from "./subjects.js";

/** Every golden model, the example, and networks that together use every kind of layer. */
const MODELS = [
  ...readdirSync("test/golden", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `test/golden/${entry.name}/model.onnx`),
  "examples/digits/model.onnx",
  "test/models/mixed_precision.onnx",
  "test/models/u_net.onnx",
  "test/models/embedded_rows.onnx",
  "test/models/finn_thresholds.onnx",
  "test/models/average_pool_padding.onnx",
  "test/models/exported/bitlinear_ffn_layernorm_dynamo.onnx",
];

/** Plain ones, and products of lanes. */
const ANALYSED = KERNELS.filter(
  (kernel) => PLAIN_KERNELS.includes(kernel) || /^(dual-|planes$)/.test(kernel.name),
);

const files: string[] = [];
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritc-analysers-"));
  for (const [i, path] of MODELS.entries()) {
    const { subject } = subjectOfModel(path, ANALYSED);
    mkdirSync(join(folder, `${i}`));
    for (const [name, text] of subject.sources) writeFileSync(join(folder, `${i}`, name), text);
    files.push(join(folder, `${i}`, "net.c"));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What docs/misra.md lists, as cppcheck calls it. */
function deviations(): string[] {
  const rows = readFileSync("docs/misra.md", "utf8").matchAll(/^\| ([\w.]+) \|.*\|$/gm);
  return [...rows]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "rule" && name !== "check")
    .map((name) => (/^\d/.test(name) ? `misra-c2012-${name}` : name));
}

/** Tests of a program, skipped loudly where it is missing, except in CI. */
function describeTool(tool: string, tests: () => void): void {
  const here = spawnSync(tool, ["--version"]).error === undefined;
  if (here || process.env.CI === "true") {
    describe(tool, tests);
    return;
  }
  console.warn(`${tool}: SKIPPED, missing (scripts/setup.sh installs it)`);
  describe.skip(`${tool}: SKIPPED, missing`, tests);
}

/** Standard headers are the compiler's; some versions look for them and some do not. */
const QUIET_HEADERS = "--suppress=missingIncludeSystem";

function run(tool: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  return { status, output: `${stdout}${stderr}` };
}

describeTool("cppcheck", () => {
  it("finds what docs/misra.md lists, all of it and nothing else", () => {
    // One by one: models in one program are for the program's author to look at.
    const flags = ["--std=c99", "--enable=all", "--addon=misra", "--quiet", QUIET_HEADERS];
    const template = "--template={id} {file}:{line}: {code}";
    const output = files.map((file) => run("cppcheck", [...flags, template, file]).output).join("");
    const found = output.split("\n").filter((line) => /^[\w.-]+ \S*:\d+: /.test(line));
    const listed = deviations();
    const nameOf = (line: string) => line.split(" ")[0] ?? "";
    expect(found.filter((line) => !listed.includes(nameOf(line)))).toEqual([]);
    const named = new Set(found.map(nameOf));
    expect(listed.filter((name) => !named.has(name))).toEqual([]);
  }, 300_000);

  it("would find a fault", () => {
    const path = join(folder, "fault.c");
    writeFileSync(
      path,
      "int f(void);\nint f(void)\n{\n    int a[2] = {0, 1};\n    return a[2];\n}\n",
    );
    expect(run("cppcheck", ["--quiet", path]).output).toContain("out of bounds");
  });
});

describeTool("clang-tidy", () => {
  it("finds nothing", () => {
    const config = "--config-file=firmware/.clang-tidy";
    const { status, output } = run("clang-tidy", ["--quiet", config, ...files, "--", "-std=c99"]);
    expect(output.split("\n").filter((line) => /(warning|error):/.test(line))).toEqual([]);
    expect(status).toBe(0);
  });
});

describeTool("gcc", () => {
  it("-fanalyzer finds nothing", () => {
    for (const file of files) {
      const flags = ["-std=c99", "-O2", "-fanalyzer", "-Wall", "-Wextra", "-Werror"];
      const object = join(folder, "net.o");
      expect(run("gcc", [...flags, "-c", file, "-o", object])).toEqual({ status: 0, output: "" });
    }
  });
});
