import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { wantsColor } from "../../src/commands/show.js";
import { TARGETS } from "../../src/targets/index.js";
import { TOOLS } from "../../src/targets/tools.js";
import { VERSION } from "../../src/version.js";
import { DIGITS, errorCodes, sink, temporaryFolder, tritc, tritcJson } from "./run.js";

const COMMANDS = [
  ...["inspect", "compile", "simulate", "verify", "new"],
  ...["boards", "targets", "doctor"],
];

describe("help", () => {
  it("lists the commands and the exit codes", async () => {
    const { code, stdout, stderr } = await tritc(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of COMMANDS) expect(stdout).toContain(`  ${command} `);
    for (const exit of [0, 1, 2, 3, 4, 5, 6, 70])
      expect(stdout).toMatch(new RegExp(`^  ${exit} `, "m"));
  });

  it.each(COMMANDS)("shows examples for %s", async (command) => {
    const { code, stdout } = await tritc([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain(`$ tritc ${command}`);
    expect(stdout).toContain("--json");
  });

  it.each(COMMANDS)("of %s has no option that docs/cli.md leaves out", async (command) => {
    const { stdout } = await tritc([command, "--help"]);
    const page = readFileSync("docs/cli.md", "utf8");
    const options = stdout.match(/^ {2}(-\w, )?--[a-z-]+/gm) ?? [];
    expect(options.length).toBeGreaterThan(1);
    for (const option of options) {
      if (!option.includes("--help")) expect(page).toContain(option.trim());
    }
  });

  it("prints the version", async () => {
    expect(await tritc(["--version"])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
  });
});

describe("a wrong command line", () => {
  it.each([
    [["inspct", DIGITS], "unknown command 'inspct'", "(Did you mean inspect?)"],
    [["inspect", DIGITS, "--jsn"], "unknown option '--jsn'", "(Did you mean --json?)"],
    [["inspect"], "missing required argument 'model'", "tritc inspect --help"],
    [
      ["compile", DIGITS],
      "required option '-o, --output <folder>' not specified",
      "tritc compile --help",
    ],
    [
      ["verify", DIGITS, "--count", "0"],
      "option '--count <number>' argument '0' is invalid",
      "1 or more",
    ],
    [["verify", DIGITS, "--seed", "1", "--inputs", "x.npy"], "cannot be used with", "--help"],
  ])("%j", async (argv, problem, hint) => {
    const { code, stdout, stderr } = await tritc(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error usage/command-line: `);
    expect(stderr).toContain(problem);
    expect(stderr).toContain(hint);
  });

  it("is an object with --json", async () => {
    const { code, object } = await tritcJson(["inspect", DIGITS, "--nosuch"]);
    expect(code).toBe(2);
    expect(object).toMatchObject({ tritc: VERSION, command: "inspect" });
    expect(errorCodes(object)).toEqual(["usage/command-line"]);
  });

  it("is met with the help when there is no command at all", async () => {
    const { code, stdout, stderr } = await tritc([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: tritc");
  });

  it("names every unknown target at once", async () => {
    const { code, object } = await tritcJson(["verify", DIGITS, "-t", "nativ,native,m4"]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/unknown-target", "usage/unknown-target"]);
  });
});

describe("an error of tritc itself", () => {
  const crash = () => {
    const stdout = sink(false).stream;
    stdout.write = () => {
      throw new RangeError("no such thing");
    };
    return stdout;
  };

  it.each([
    [{}, false],
    [{ TRITC_DEBUG: "1" }, true],
  ])("exits with 70; the stack is shown only on request (%j)", async (env, stack) => {
    const { main } = await import("../../src/cli.js");
    const stderr = sink(false);
    const code = await main(["targets"], { stdout: crash(), stderr: stderr.stream, env });
    expect(code).toBe(70);
    expect(stderr.text()).toContain("internal error: no such thing");
    expect(stderr.text()).toContain("Please report it");
    expect(stderr.text().includes("    at ")).toBe(stack);
  });
});

describe("colours", () => {
  it("are for terminals, unless NO_COLOR says no", async () => {
    expect(wantsColor(sink(true).stream, {})).toBe(true);
    expect(wantsColor(sink(false).stream, {})).toBe(false);
    expect(wantsColor(sink(true).stream, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor(sink(true).stream, { NO_COLOR: "" })).toBe(true);
  });

  it("mark the severity of diagnostics", async () => {
    const colored = await tritc(["inspect", "nowhere.onnx"], { isTTY: true, env: {} });
    const plain = await tritc(["inspect", "nowhere.onnx"], { isTTY: true, env: { NO_COLOR: "1" } });
    expect(colored.stderr).toContain("\u001b[31m");
    expect(plain.stderr).not.toContain("\u001b");
  });
});

describe("targets", () => {
  it("lists every target with its machine", async () => {
    const { code, stdout } = await tritc(["targets"]);
    expect(code).toBe(0);
    for (const { id } of TARGETS) expect(stdout).toContain(id);
    expect(stdout).toContain("QEMU mps2-an386");
  });

  it("gives the table as an object", async () => {
    const { object } = await tritcJson(["targets"]);
    expect(object.targets).toEqual(TARGETS);
  });
});

describe("doctor", () => {
  it("says how to get what is missing", async () => {
    const env = { PATH: temporaryFolder(), HOME: temporaryFolder() };
    const { code, stdout } = await tritc(["doctor"], { env });
    expect(code).toBe(0);
    expect(stdout).toContain("sudo apt-get install gcc-arm-none-eabi");
    expect(stdout).toContain("brew install qemu");
    expect(stdout).toContain("TRITC_QEMU_ARM");
    expect(stdout).toContain("Can be verified here: nothing.");
    expect(stdout).toMatch(/Not yet: native, .*cortex-m4/);
  });

  it("gives tools and targets as an object", async () => {
    const env = { PATH: temporaryFolder(), HOME: temporaryFolder() };
    const { object } = await tritcJson(["doctor"], { env });
    expect(object).toMatchObject({
      command: "doctor",
      targets: { ready: [], blocked: TARGETS.map((target) => target.id) },
    });
    expect(object.tools).toHaveLength(TOOLS.length + 1); // and PlatformIO
  });
});
