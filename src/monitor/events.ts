/** What the camera application prints: docs/camera.md. */

/** Who the device is. */
export interface Hello {
  readonly kind: "hello";
  readonly model: string;
  readonly network: string;
  readonly classes: readonly string[];
}

/** One classified frame. */
export interface Classified {
  readonly kind: "frame";
  readonly frame: number;
  readonly class: number;
  readonly label: string;
  readonly score: number;
  /** The class that most of the last frames showed, or -1. */
  readonly steady: number;
  /** Microseconds of each stage, in order. */
  readonly us: Readonly<Record<string, number>>;
  /** Bytes of RAM that nothing uses; 0 where the board cannot tell. */
  readonly free: number;
}

/** A row of the picture that the network saw, 8 bits an element. */
export interface PictureRow {
  readonly kind: "row";
  /** Number of the frame. */
  readonly picture: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Something that went wrong with the camera. */
export interface Trouble {
  readonly kind: "error";
  readonly error: string;
  readonly failures: number;
}

/** The device asks for a frame. */
export interface Wanted {
  readonly kind: "want";
  readonly width: number;
  readonly height: number;
  readonly format: string;
}

/** Anything else that a program prints. */
export interface OtherText {
  readonly kind: "text";
  readonly text: string;
}

export type Event = Hello | Classified | PictureRow | Trouble | Wanted | OtherText;

/** Longest line that is kept: a device that sends no line ends must not fill the memory. */
const LONGEST = 65_536;

/** Cuts what arrives into lines, without their ends and without bytes that are no text. */
export function lineDecoder(onLine: (line: string) => void): (bytes: Uint8Array) => void {
  let waiting = "";
  return (bytes) => {
    waiting += Buffer.from(bytes).toString("latin1");
    const lines = waiting.split("\n");
    waiting = (lines.pop() ?? "").slice(-LONGEST);
    for (const line of lines) {
      const text = line.replace(/[^\x20-\x7e]/g, "");
      if (text !== "") onLine(text);
    }
  };
}

/** What a line says. A line that is damaged, or cut off where listening began, is text. */
export function eventOf(line: string): Event {
  const fields = fieldsOf(line);
  const text = { kind: "text", text: line } as const;
  if (fields === null) return text;
  return (
    helloOf(fields) ??
    frameOf(fields) ??
    rowOf(fields) ??
    troubleOf(fields) ??
    wantOf(fields) ??
    text
  );
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function helloOf({ model, network, classes }: Fields): Hello | null {
  if (typeof model !== "string" || typeof network !== "string" || !isTexts(classes)) {
    return null;
  }
  return { kind: "hello", model, network, classes };
}

function frameOf(fields: Fields): Classified | null {
  const { frame, class: seen, label, score, steady, us, free } = fields;
  const numbers = [frame, seen, score, steady, free];
  if (!isNumbers(numbers) || typeof label !== "string") return null;
  if (typeof us !== "object" || us === null) return null;
  const times = Object.entries(us).filter((e): e is [string, number] => typeof e[1] === "number");
  const [number = 0, index = 0, value = 0, class_ = 0, bytes = 0] = numbers;
  return {
    ...{ kind: "frame", frame: number, class: index, label, score: value, steady: class_ },
    us: Object.fromEntries(times),
    free: bytes,
  };
}

function rowOf({ picture, row, of, data }: Fields): PictureRow | null {
  if (typeof picture !== "number" || typeof row !== "number" || typeof data !== "string") {
    return null;
  }
  if (!isNumbers(of)) return null;
  const [width = 0, height = 0, channels = 0] = of;
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  if (bytes.length !== width * channels || row < 0 || row >= height) return null;
  return { kind: "row", picture, row, width, height, channels, data: bytes };
}

function troubleOf({ error, failures }: Fields): Trouble | null {
  if (typeof error !== "string" || typeof failures !== "number") return null;
  return { kind: "error", error, failures };
}

function wantOf({ want, of, format }: Fields): Wanted | null {
  if (want !== "frame" || typeof format !== "string" || !isNumbers(of)) return null;
  const [width = 0, height = 0] = of;
  return { kind: "want", width, height, format };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
