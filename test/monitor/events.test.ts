import { describe, expect, it } from "vitest";
import { type Event, eventOf, lineDecoder } from "../../src/monitor/events.js";
import { pictureCollector, pictureLines } from "../../src/monitor/picture.js";
import { eventText } from "../../src/monitor/text.js";
import { choosePort } from "../../src/serial/ports.js";

const FRAME =
  '{"frame":3,"class":1,"label":"person","score":-12,"steady":-1,"us":{"capture":1500,"infer":20},"free":4096}';

describe("lines", () => {
  it("are put together from whatever pieces arrive, without bytes that are no text", () => {
    const lines: string[] = [];
    const decode = lineDecoder((line) => lines.push(line));
    for (const piece of ["one\r\n\u0007tw", "o\n", "\n\u00ff\u001b[2Jthree", "\n"]) {
      decode(Buffer.from(piece, "latin1"));
    }
    expect(lines).toEqual(["one", "two", "[2Jthree"]);
  });

  it("say what the application means by them", () => {
    expect(eventOf(FRAME)).toMatchObject({ kind: "frame", frame: 3, label: "person", steady: -1 });
    expect(eventText(eventOf(FRAME), [])).toBe(
      "     3  person        score -12         steady -          capture 1.5 ms, infer 0.0 ms  4,096 B free",
    );
    expect(eventOf('{"error":"stopped","failures":2}')).toMatchObject({ kind: "error" });
    expect(eventOf('{"want":"frame","of":[20,16],"format":"gray8"}')).toMatchObject({
      ...{ kind: "want", width: 20, height: 16, format: "gray8" },
    });
  });

  it.each([
    ["cut off", FRAME.slice(0, -4)],
    ["other text", "Brownout detector was triggered"],
    ["a wrong type", FRAME.replace('"person"', "7")],
    ["no object", "[1,2]"],
    ["a row too short", '{"picture":0,"row":0,"of":[4,4,1],"data":"AAA="}'],
  ])("that are damaged (%s) are text", (_, line) => {
    expect(eventOf(line)).toEqual({ kind: "text", text: line });
  });
});

describe("pictures", () => {
  const row = (picture: number, y: number, values: number[]): Event =>
    eventOf(
      JSON.stringify({
        ...{ picture, row: y, of: [values.length, 2, 1] },
        data: Buffer.from(values).toString("base64"),
      }),
    );

  it("are shown once all their rows have come", () => {
    const collect = pictureCollector();
    const take = (event: Event) => (event.kind === "row" ? collect(event) : null);
    expect(take(row(1, 1, [9, 9]))).toBeNull();
    expect(take(row(2, 0, [0, 255]))).toBeNull();
    const picture = take(row(2, 1, [0, 255]));
    expect(picture?.values).toEqual(Buffer.from([0, 255, 0, 255]));
    if (picture === null) return;
    expect(pictureLines(picture, false)).toEqual([" \u2588"]);
    expect(pictureLines(picture, true)).toEqual([
      "\u001b[38;2;0;0;0m\u001b[48;2;0;0;0m\u2580" +
        "\u001b[38;2;255;255;255m\u001b[48;2;255;255;255m\u2580\u001b[0m",
    ]);
  });
});

describe("the port", () => {
  const at = (...paths: string[]) => ({
    list: async () =>
      paths.map((path) => ({ path, manufacturer: path === "COM3" ? "Arduino" : null })),
  });

  it("is the one that is named, or the only one", async () => {
    expect(await choosePort("COM9", at().list)).toBe("COM9");
    expect(await choosePort(undefined, at("COM3").list)).toBe("COM3");
  });

  it("is asked for by name where there are several, and missed where there is none", async () => {
    const several = choosePort(undefined, at("COM3", "COM4").list);
    await expect(several).rejects.toThrow(
      "device/which-port: there are several ports: COM3 (Arduino), COM4",
    );
    await expect(choosePort(undefined, at().list)).rejects.toThrow("device/no-board");
  });
});
