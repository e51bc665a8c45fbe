/** Small grey pictures as text. */

/** From empty to full; each pixel is drawn twice, since characters are about twice as high as wide. */
const SHADES = [" ", "░", "▒", "▓", "█"];

export interface Picture {
  /** Row by row, 0 to `full`. */
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly full: number;
  readonly caption: string;
}

/** Pictures side by side, each over its caption, in rows of `perRow`. */
export function drawPictures(pictures: readonly Picture[], perRow: number): string {
  const rows: string[] = [];
  for (let i = 0; i < pictures.length; i += perRow) {
    rows.push(sideBySide(pictures.slice(i, i + perRow).map(drawPicture)));
  }
  return rows.join("\n\n");
}

function drawPicture({ pixels, width, full, caption }: Picture): string[] {
  const lines: string[] = [];
  for (let y = 0; y < pixels.length / width; y++) {
    const shades = Array.from({ length: width }, (_, x) => {
      const share = (pixels[y * width + x] ?? 0) / full;
      return SHADES[Math.round(share * (SHADES.length - 1))] ?? " ";
    });
    lines.push(shades.map((shade) => shade + shade).join(""));
  }
  return [...lines, caption + " ".repeat(Math.max(0, 2 * width - caption.length))];
}

function sideBySide(blocks: readonly (readonly string[])[]): string {
  const lines = blocks[0] ?? [];
  return lines
    .map((_, y) =>
      blocks
        .map((block) => block[y] ?? "")
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
