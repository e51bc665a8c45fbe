import { render } from "../emit/templates.js";
import { cType } from "../kernels/library.js";
import { elementCount, type Network, type Tensor, tensorAt } from "../network/types.js";
import { ELEMENT_SIZE } from "../verify/workspace.js";

/** Every value of a type: what needs neither check nor more than unknown bytes. */
const LIMITS = {
  int8: { low: -128, high: 127 },
  uint8: { low: 0, high: 255 },
  int16: { low: -(2 ** 15), high: 2 ** 15 - 1 },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
} as const;

/**
 * The C that is analysed together with the generated files, compiled with `<NAME>_TRACE`: it calls
 * `<name>_run_in` on unknown inputs and supplies `<name>_trace`.
 */
export function proofProgram(network: Network, name: string): string {
  const outputs = network.layers.map((layer) => tensorAt(network, layer.output));
  return render("proof.c.hbs", {
    name,
    upper: name.toUpperCase(),
    tensors: outputs.map(tensorFunction).join("\n"),
    cases: outputs.map(caseText).join("\n"),
    input: unknownInput(tensorAt(network, network.input.tensor)),
  });
}

function tensorFunction(tensor: Tensor, layer: number): string {
  const last = elementCount(tensor) - 1;
  const checks = [
    `    /*@ assert all_written: \\initialized(&t[0 .. ${last}]); */`,
    ...(tensor.type === "float32" ? [] : integerChecks(tensor, last)),
  ];
  return [
    `static void layer_${layer}(${cType(tensor.type)} *t)`,
    "{",
    ...checks,
    ...widened(tensor, "t"),
    "}",
    "",
  ].join("\n");
}

function integerChecks(tensor: Exclude<Tensor, { type: "float32" }>, last: number): string[] {
  if (isAnything(tensor)) return [];
  const { low, high } = tensor.range;
  return [
    `    /*@ assert within_range: \\forall integer i; 0 <= i <= ${last} ==> ${low} <= t[i] <= ${high}; */`,
  ];
}

function isAnything({ type, range }: Exclude<Tensor, { type: "float32" }>): boolean {
  return range.low <= LIMITS[type].low && range.high >= LIMITS[type].high;
}

/** Statements that make a tensor hold anything of its range; floats stay what they were. */
function widened(tensor: Tensor, at: string): string[] {
  if (tensor.type === "float32") return [];
  const size = ELEMENT_SIZE[tensor.type];
  const bytes = elementCount(tensor) * size;
  if (isAnything(tensor)) return [`    Frama_C_make_unknown((char *)${at}, ${bytes}u);`];
  const { low, high } = tensor.range;
  return [
    `    ${at}[0] = (${cType(tensor.type)})Frama_C_interval(${low}, ${high});`,
    `    spread((uint8_t *)${at}, ${size}u, ${bytes}u);`,
  ];
}

function caseText(tensor: Tensor, layer: number): string {
  const bytes = elementCount(tensor) * ELEMENT_SIZE[tensor.type];
  return [
    `    case ${layer}u:`,
    `        /*@ assert stated_size: bytes == ${bytes}; */`,
    `        layer_${layer}((${cType(tensor.type)} *)tensor);`,
    "        break;",
  ].join("\n");
}

function unknownInput(tensor: Tensor): string {
  if (tensor.type !== "float32") return widened(tensor, "input").join("\n");
  return [
    "    input[0] = Frama_C_float_interval(-3.0e38f, 3.0e38f);",
    `    spread((uint8_t *)input, 4u, ${elementCount(tensor) * 4}u);`,
  ].join("\n");
}
