/** A column of a text table; numbers stand right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

const GAP = "  ";

export function left(title: string): Column {
  return { title, align: "left" };
}

export function right(title: string): Column {
  return { title, align: "right" };
}

/** Rows under their titles, in columns as wide as their widest cell. Titles may all be empty. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.title);
  const lines = titles.every((title) => title === "") ? rows : [titles, ...rows];
  const widths = columns.map((_, c) => Math.max(0, ...lines.map((line) => (line[c] ?? "").length)));
  return lines
    .map((line) =>
      columns
        .map(({ align }, c) => {
          const cell = line[c] ?? "";
          const width = widths[c] ?? 0;
          return align === "left" ? cell.padEnd(width) : cell.padStart(width);
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** Every line of a text moved right. */
export function indent(text: string, by = 2): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}
