import type { Table } from "../kernels/index.js";
import { commentText } from "./names.js";

const LINE = 96;

/** A number as a C literal of the table's type. */
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
    case "float":
      return floatLiteral(value);
    default:
      return type satisfies never;
  }
}

/** A float constant that reads back as the same float32. */
export function floatLiteral(value: number): string {
  if (Object.is(value, -0)) return "(-0.0f)";
  const text = Math.fround(value)
    .toPrecision(9)
    .replace(/(\.\d*?)0+(e|$)/, "$1$2");
  const point = /[.e]/.test(text) ? text : `${text}.`;
  const literal = `${point.replace(/\.(e|$)/, ".0$1")}f`;
  return value < 0 ? `(${literal})` : literal;
}

/** A constant table, several values a line, or a row a line with its picture. */
export function tableText(table: Table, name: string): string {
  const values = Array.from(table.values(), (v) => literal(v, table.type));
  const head = `/* ${commentText(table.comment)} */\nstatic const ${table.type} ${name}[${values.length}] = {\n`;
  const rows = table.picture ?? [];
  const body = rows.length > 0 ? picturedRows(values, rows) : wrapped(values);
  const text = `${head}${body}\n};\n`;
  return table.elsewhere === undefined ? text : `#if ${table.elsewhere}\n${text}#endif\n`;
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

/** Literals, several a line. */
export function wrapped(values: readonly string[]): string {
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
