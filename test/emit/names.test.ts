import { describe, expect, it } from "vitest";
import { checkModelName, commentText, suggestModelName } from "../../src/emit/names.js";
import { seeded } from "../support/random.js";

describe("model names", () => {
  it.each(["m", "digits", "net_2", "a23456789012345678901234"])("%s is one", (name) => {
    expect(checkModelName(name)).toBe(name);
  });

  it.each([
    ["int", /word of C/],
    ["namespace", /word of C/],
    ["main", /word of C/],
    ["string", /header/],
    ["größe", /ASCII/],
    ["模型", /ASCII/],
    ["Digits", /lower-case/],
    ["2net", /begin with a letter/],
    ["_net", /begin with a letter/],
    ["net-2", /ASCII letters/],
    ["", /begin with a letter/],
    ["a b", /ASCII letters/],
    ["tritc_net", /kernels/],
    ["a234567890123456789012345", /25 characters/],
  ])("%j is none", (name, reason) => {
    expect(() => checkModelName(name)).toThrow(reason);
  });

  it("are suggested for any file name, and then legal", () => {
    expect(suggestModelName("MNIST-cnn (v2).onnx")).toBe("mnist_cnn_v2");
    expect(suggestModelName("größe.onnx")).toBe("gr_e");
    const texts = ["", "模型.onnx", "int.onnx", "string", "tritc_x", "9", "__", "a".repeat(99)];
    for (const text of [...texts, "register.tar.gz", "tritc_.onnx", "tritc_tritc_a"]) {
      const name = suggestModelName(text);
      expect(checkModelName(name), text).toBe(name);
    }
  });
});

describe("text of the model in comments", () => {
  it.each([
    ["a*/b", "a* /b"],
    ["a/*b", "a/ *b"],
    ["*/*", "* / *"],
    ["*\\", "* /"],
    ["*\\/", "* //"],
    ["\\*", "/ *"],
    ["??/", "? ?/"],
    ["???/", "? ? ?/"],
    ["end\\\nnext", "end/?next"],
    ["größe", "gr? ?e"],
  ])("%j becomes %j", (text, safe) => {
    expect(commentText(text)).toBe(safe);
  });

  it("never closes, opens or continues one", () => {
    const random = seeded(6);
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: 8 }, () => random.pick([..."*/\\?\n!\u2028é a"])).join("");
      const safe = commentText(text);
      expect(safe).not.toMatch(/\*\/|\/\*|\?\?|\\|[^\x20-\x7e]/);
    }
  });
});
