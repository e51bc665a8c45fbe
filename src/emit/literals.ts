import type { Table } from "../kernels/index.js";
import { commentText } from "./names.js";

const LINE = 96;

/** An integer as a C literal of the table's type. */
export function literal(value: number, type: Table["type"]): string {
  switch (type) {
    case "uint8_t":
      return `0x${value.toString(16).padStart(2, "0")}`;
    case "uint16_t":
    case "uint32_t":
      return `${value}u`;
    case "int8_t":
    case "int16_t":
      return `${value}`;
    case "int32_t":
      // The most negative number has no literal of its own type in C.
      return value === -(2 ** 31) ? "(-2147483647 - 1)" : `${value + 0}`;
    case "int64_t":
      return `INT64_C(${value + 0})`;
    default:
      return type satisfies never;
  }
}

/** A constant table, several values a line, or a row a line with its picture. */
export function tableText(table: Table, name: string): string {
  const values = Array.from(table.values, (v) => literal(v, table.type));
  const head = `/* ${commentText(table.comment)} */\nstatic const ${table.type} ${name}[${values.length}] = {\n`;
  const rows = table.picture ?? [];
  const body = rows.length > 0 ? picturedRows(values, rows) : wrapped(values);
  return `${head}${body}\n};\n`;
}

function picturedRows(values: readonly string[], rows: readonly string[]): string {
  const perRow = values.length / rows.length;
  return rows
    .map((row, i) => {
      const line = values.slice(i * perRow, (i + 1) * perRow).join(", ");
      return `    ${line}, /* ${row} */`;
    })
    .join("\n");
}

function wrapped(values: readonly string[]): string {
  const lines: string[] = [];
  let line = "   ";
  for (const value of values) {
    if (line.length + value.length + 2 > LINE) {
      lines.push(line);
      line = "   ";
    }
    line += ` ${value},`;
  }
  lines.push(line);
  return lines.join("\n");
}
