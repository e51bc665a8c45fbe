import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIGITS, errorCodes, temporaryFolder, tritc, tritcJson } from "./run.js";

const newProject = (folder: string, ...more: string[]) => [
  ...["new", folder, "--board", "nucleo_f446re", "--model", DIGITS],
  ...more,
];

describe("tritc new", () => {
  it("makes a whole project, the same each time", async () => {
    const folders = ["a", "b"].map((name) => join(temporaryFolder(), name));
    for (const folder of folders) {
      const { code, object } = await tritcJson(
        newProject(folder, "--app", "bench", "--name", "digits"),
      );
      expect(code).toBe(0);
      expect(object).toMatchObject({ board: "nucleo_f446re", app: "bench", name: "digits" });
    }
    const [a = "", b = ""] = folders;
    const files = readdirSync(a, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(a.length + 1));
    for (const file of ["README.md", "platformio.ini", "src/main.c", "lib/digits/src/digits.c"]) {
      expect(files).toContain(file);
    }
    for (const file of files) {
      expect(readFileSync(join(b, file), "utf8")).toBe(readFileSync(join(a, file), "utf8"));
    }
  });

  it("leaves a network that `verify` takes", async () => {
    const folder = join(temporaryFolder(), "project");
    await tritc(newProject(folder));
    const verified = await tritc(["verify", join(folder, "lib/model/src")]);
    expect(verified.code).toBe(0);
  });

  it("writes literal values for the board", async () => {
    const folder = join(temporaryFolder(), "project");
    await tritc(newProject(folder));
    const ini = readFileSync(join(folder, "platformio.ini"), "utf8");
    expect(ini).toContain(
      "platform = ststm32@19.6.0\nboard = nucleo_f446re\nframework = arduino\n",
    );
    expect(ini).toContain("board_upload.maximum_size = 524288\n");
    expect(ini).toContain("board_upload.maximum_ram_size = 131072\n");
    expect(ini).not.toContain("$");
  });

  it("refuses a folder that is not empty, and leaves it alone", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mine.txt"), "mine");
    const { code, object } = await tritcJson(newProject(folder));
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/folder-in-use"]);
    expect(readdirSync(folder)).toEqual(["mine.txt"]);
  });

  it("takes an empty folder", async () => {
    const folder = join(temporaryFolder(), "empty");
    mkdirSync(folder);
    expect((await tritc(newProject(folder))).code).toBe(0);
  });

  it("leaves nothing behind when the disk fills up", async () => {
    const fs = await import("node:fs");
    let written = 0;
    const outputFs = {
      ...fs,
      writeFileSync: (...args: Parameters<typeof fs.writeFileSync>) => {
        if (++written > 5) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        fs.writeFileSync(...args);
      },
    };
    const parent = temporaryFolder();
    const ran = await tritc(newProject(join(parent, "deep/project")), { outputFs });
    expect(ran.code).toBe(5);
    expect(ran.stderr).toContain("output/disk-full");
    expect(readdirSync(parent)).toEqual([]);
  });

  it("names the nearest boards", async () => {
    const { stderr, code } = await tritc(["new", "x", "--board", "esp32-cam", "--model", DIGITS]);
    expect(code).toBe(2);
    expect(stderr).toContain("usage/unknown-board");
    expect(stderr).toContain("Did you mean esp32cam");
  });

  it("says by how much a network is too big, where, and what has room", async () => {
    const parent = temporaryFolder();
    const argv = ["new", join(parent, "x"), "--board", "genericCH32V003F4P6", "--model", DIGITS];
    const { stderr, code } = await tritc(argv);
    expect(code).toBe(4);
    expect(stderr).toContain("plan/too-big-for-board");
    expect(stderr).toMatch(/needs [\d,]+ B of RAM, [\d,]+ B more than the [\d,]+ B/);
    expect(stderr).toMatch(/most is taken by layer "\w+" \([\d,]+ B\)/);
    expect(stderr).toMatch(/It fits bluepill_f103c8/);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("refuses an application that does not exist", async () => {
    const { stderr, code } = await tritc(newProject("x", "--app", "game"));
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are");
  });
});

describe("tritc boards", () => {
  it("lists boards as text and as JSON", async () => {
    const { stdout } = await tritc(["boards"]);
    expect(stdout).toMatch(/^esp32cam\s+AI Thinker ESP32-CAM/m);
    const { object } = await tritcJson(["boards"]);
    expect(object.boards).toContainEqual(expect.objectContaining({ id: "qemu-cortex-m4" }));
  });
});
