import type { ScratchType } from "../kernels/index.js";
import { cType } from "../kernels/library.js";

/** A pointer into the arena. Wider types go by way of `void *`: their offsets are aligned. */
export function arenaPointer(type: ScratchType, offset: number): string {
  const start = `&arena[${offset}]`;
  switch (type) {
    case "uint8":
      return start;
    case "int8":
      return `(int8_t *)${start}`;
    case "int16":
    case "int32":
    case "uint32":
    case "float32":
      return `(${cType(type)} *)(void *)${start}`;
    default:
      return type satisfies never;
  }
}

const LINE = 100;

/** A call as one statement, its arguments on further lines where one is too long. */
export function callStatement(name: string, args: readonly string[], indent: string): string {
  const line = `${indent}${name}(${args.join(", ")});`;
  if (line.length <= LINE) return line;
  return `${indent}${name}(\n${args.map((a) => `${indent}    ${a}`).join(",\n")});`;
}
