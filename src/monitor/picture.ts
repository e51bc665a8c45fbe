import type { PictureRow } from "./events.js";

/** A picture that has arrived whole; values channels-last. */
export interface ShownPicture {
  readonly frame: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Uint8Array;
}

/** Puts rows together. Returns the picture when its last row has come and none is missing. */
export function pictureCollector(): (row: PictureRow) => ShownPicture | null {
  let frame = -1;
  let rows: Uint8Array[] = [];
  return ({ picture, row, width, height, channels, data }) => {
    if (picture !== frame || row === 0) {
      frame = picture;
      rows = [];
    }
    if (row === rows.length) rows.push(data);
    if (row !== height - 1 || rows.length !== height) return null;
    return { frame, width, height, channels, values: Buffer.concat(rows) };
  };
}

/** Columns that a picture may take of a terminal. */
const MOST_COLUMNS = 96;

const SHADES = [" ", "\u2591", "\u2592", "\u2593", "\u2588"] as const;

/**
 * A picture as lines of text: half blocks of two pixels in 24-bit colours, or shades of one where
 * there are no colours. Larger ones lose every other pixel, or more.
 */
export function pictureLines(picture: ShownPicture, colors: boolean): string[] {
  const step = Math.ceil(picture.width / MOST_COLUMNS);
  const columns = Math.floor(picture.width / step);
  const lines: string[] = [];
  for (let y = 0; y < picture.height; y += 2 * step) {
    const cells = Array.from({ length: columns }, (_, column) => {
      const upper = colorAt(picture, column * step, y);
      const lower = colorAt(picture, column * step, Math.min(picture.height - 1, y + step));
      return colors ? halfBlock(upper, lower) : shade(upper, lower);
    });
    lines.push(cells.join("") + (colors ? "\u001b[0m" : ""));
  }
  return lines;
}

type Color = readonly [red: number, green: number, blue: number];

function colorAt({ width, channels, values }: ShownPicture, x: number, y: number): Color {
  const at = (y * width + x) * channels;
  const first = values[at] ?? 0;
  if (channels !== 3) return [first, first, first];
  return [first, values[at + 1] ?? 0, values[at + 2] ?? 0];
}

function halfBlock(upper: Color, lower: Color): string {
  return `\u001b[38;2;${upper.join(";")}m\u001b[48;2;${lower.join(";")}m\u2580`;
}

function shade(upper: Color, lower: Color): string {
  const sum = [...upper, ...lower].reduce((a, b) => a + b, 0);
  return SHADES[Math.min(SHADES.length - 1, Math.floor((sum * SHADES.length) / (6 * 256)))] ?? " ";
}
