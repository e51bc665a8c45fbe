import { describe, expect, it } from "vitest";
import { roomIn } from "../../src/boards/fit.js";
import { BOARDS, findBoard } from "../../src/boards/index.js";
import { DiagnosticError } from "../../src/diagnostics.js";
import { TARGETS } from "../../src/targets/index.js";
import { VENDORS } from "../platformio/core.js";

describe("the table of boards", () => {
  it("has every id once, and a target that exists", () => {
    const ids = BOARDS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = TARGETS.map(({ id }) => id);
    for (const { target } of BOARDS) expect(targets).toContain(target);
  });

  it.each(BOARDS.map((board) => [board.id, board] as const))(
    "%s leaves room for a network",
    (_, board) => {
      expect(roomIn(board.flash)).toBeGreaterThan(4096);
      expect(roomIn(board.ram)).toBeGreaterThan(512);
      expect(board.wiring.length).toBeGreaterThan(0);
    },
  );

  it("agrees with the vendors' own platforms", () => {
    const listed = BOARDS.flatMap((board) =>
      board.platform.kind === "arduino" ? [{ ...board, platform: board.platform }] : [],
    );
    const known = Object.values(VENDORS).flatMap(({ boards }) => Object.keys(boards));
    expect(listed.map(({ id }) => id).sort()).toEqual(known.sort());
    for (const { id, platform, flash, ram, mhz } of listed) {
      const vendor = VENDORS[platform.name];
      expect(vendor?.version).toBe(platform.version);
      const theirs = vendor?.boards[id];
      expect(flash.limit).toBeLessThanOrEqual(theirs?.flash ?? 0);
      expect(ram.limit).toBeLessThanOrEqual(theirs?.ram ?? 0);
      expect(mhz * 1_000_000).toBe(Number.parseInt(theirs?.f_cpu ?? "", 10));
    }
  });
});

describe("findBoard", () => {
  const hintFor = (id: string) => {
    try {
      findBoard(id);
    } catch (error) {
      if (error instanceof DiagnosticError) return error.diagnostics[0]?.hint;
    }
    return null;
  };

  it.each([
    ["esp32-cam", "esp32cam"],
    ["nano33", "nano33ble"],
    ["nucleo_f446", "nucleo_f446re"],
    ["xiao esp32s3", "seeed_xiao_esp32s3"],
    ["ESP32-S3-EYE", "esp32-s3-devkitc-1"],
    ["ch32v003", "genericCH32V003F4P6"],
    ["rpipico", "pico"],
    ["qemu-cortexm4", "qemu-cortex-m4"],
  ])("%s: did you mean %s?", (asked, meant) => {
    expect(hintFor(asked)).toMatch(new RegExp(`^Did you mean ${meant}\\b`));
  });
});
