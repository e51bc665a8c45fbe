import * as nodeFs from "node:fs";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { type OutputFs, writeFiles } from "../../src/io/output.js";
import { temporaryFolder } from "../commands/run.js";

const FILES = new Map([
  ["a.c", "new a"],
  ["b.h", "new b"],
]);

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

const REAL: OutputFs = { ...nodeFs };

/** The file system, with one function that fails on its n-th call. */
function failing(
  name: "renameSync" | "writeFileSync" | "mkdtempSync" | "rmSync",
  call: number,
  code: string,
): OutputFs {
  let calls = 0;
  const original: (...args: never[]) => unknown = REAL[name];
  return {
    ...REAL,
    [name]: (...args: never[]) => {
      calls += 1;
      if (calls === call) throw Object.assign(new Error(`${code}: no luck`), { code });
      return original(...args);
    },
  };
}

function codeOf(write: () => void): string {
  try {
    write();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "written";
}

describe("writeFiles", () => {
  it("replaces files of the same names and leaves the others", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.c"), "old a");
    writeFileSync(join(folder, "mine.txt"), "mine");
    writeFiles(folder, FILES);
    expect(contents(folder)).toEqual({ "a.c": "new a", "b.h": "new b", "mine.txt": "mine" });
  });

  it("makes folders, also inside the folder", () => {
    const folder = join(temporaryFolder(), "x", "y");
    writeFiles(folder, new Map([["deep/er/a.c", Uint8Array.of(65)]]));
    expect(readFileSync(join(folder, "deep/er/a.c"), "utf8")).toBe("A");
  });

  it.each([
    ["writeFileSync", 1],
    ["writeFileSync", 2],
    ["renameSync", 1],
    ["renameSync", 2],
    ["renameSync", 3],
  ] as const)("puts everything back when %s fails, call %i", (name, call) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.c"), "old a");
    expect(codeOf(() => writeFiles(folder, FILES, failing(name, call, "ENOSPC")))).toContain(
      "output/disk-full",
    );
    expect(contents(folder)).toEqual({ "a.c": "old a" });
  });

  it.each([
    ["mkdtempSync", 1],
    ["writeFileSync", 2],
    ["renameSync", 2],
  ] as const)("removes the folders that it made when %s fails", (name, call) => {
    const parent = temporaryFolder();
    const write = () => writeFiles(join(parent, "x", "y"), FILES, failing(name, call, "EACCES"));
    expect(codeOf(write)).toContain("output/not-writable");
    expect(readdirSync(parent)).toEqual([]);
  });

  it("says so when it cannot clean up", () => {
    const folder = temporaryFolder();
    let calls = 0;
    const fs: OutputFs = {
      ...failing("writeFileSync", 2, "ENOSPC"),
      rmSync: () => {
        calls += 1;
        throw Object.assign(new Error("EIO: worse luck"), { code: "EIO" });
      },
    };
    expect(codeOf(() => writeFiles(folder, FILES, fs))).toMatch(
      /output\/failed: .*ENOSPC: no luck; and cleaning up failed: EIO: worse luck/,
    );
    expect(calls).toBe(1);
  });

  it("lets other errors pass", () => {
    const fs: OutputFs = {
      ...nodeFs,
      writeFileSync: () => {
        throw new RangeError("a bug");
      },
    };
    const folder = join(temporaryFolder(), "x");
    expect(() => writeFiles(folder, FILES, fs)).toThrow(RangeError);
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    [
      "a folder of a file's name",
      (folder: string) => mkdirSync(join(folder, "out", "b.h"), { recursive: true }),
    ],
    ["a file of the folder's name", (folder: string) => writeFileSync(join(folder, "out"), "")],
    ["a link that leads nowhere", (folder: string) => symlinkSync("nowhere", join(folder, "out"))],
  ])("refuses %s", (_what, prepare) => {
    const folder = temporaryFolder();
    prepare(folder);
    expect(codeOf(() => writeFiles(join(folder, "out"), FILES))).toContain("output/in-the-way");
  });
});
