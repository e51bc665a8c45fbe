/** Everything that the verification area says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import { SYSTEM_NAMES, type System, type Tool, type ToolId, toolOf } from "../targets/tools.js";
import type { Difference } from "./types.js";

/** `tool/missing`: a tool was not found or does not run. */
export function missingTool(tool: Tool, target: string, problem: string | null): Diagnostic {
  const ways = installLines(tool).map((line) => `  ${line}`);
  return errorDiagnostic(
    "tool/missing",
    {},
    `target ${target} needs ${tool.commands.join(" or ")}, which ${tool.purpose}; ${problem}`,
    [`install it, or set ${tool.variable} to its path:`, ...ways].join("\n"),
  );
}

/** One line a system: how to install the tool there. */
export function installLines(tool: Tool): string[] {
  const systems = Object.keys(SYSTEM_NAMES) as System[];
  return systems.map((system) => `${SYSTEM_NAMES[system]}: ${tool.install[system]}`);
}

/** `tool/failed`: a tool ended in a way that has nothing to do with the generated code. */
export function toolFailed(command: string, reason: string, output: string): Diagnostic {
  return errorDiagnostic(
    "tool/failed",
    {},
    `${command} ${reason}${quoted(output)}`,
    "run `tritc doctor` to see which tools and versions are used",
  );
}

/** `output/work-folder`: the folder to build in cannot be made or written to, or is full. */
export function workFolder(folder: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "output/work-folder",
    { file: folder },
    `nothing can be built here: ${reason}`,
    "name another folder with --work-dir, or with the environment variable TMPDIR",
  );
}

/** `verify/does-not-compile`: an error or a warning in a generated file. */
export function doesNotCompile(target: string, file: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/does-not-compile",
    { file },
    `the generated C does not compile without warnings for ${target}${quoted(output)}`,
    "this is a bug of the compiler unless the file was edited: compile the model again",
  );
}

/** `verify/wrong-interface`: the header does not declare what the subject says. */
export function wrongInterface(target: string, header: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/wrong-interface",
    { file: header },
    `the harness cannot be built on this header for ${target}${quoted(output)}`,
    "the header must declare the sizes, types and functions that generated headers declare",
  );
}

/** `verify/does-not-fit`: the linker ran out of ROM or RAM. */
export function doesNotFit(target: string, machine: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/does-not-fit",
    {},
    `the model does not fit the memory of ${machine}, the emulated machine of ${target}${quoted(output)}`,
    "verify on a target whose machine has more memory; `tritc targets` lists them",
  );
}

/** `tool/no-sanitizers`: the compiler is there, but not the library that its sanitizers need. */
export function noSanitizers(target: string, compiler: ToolId, output: string): Diagnostic {
  return errorDiagnostic(
    "tool/no-sanitizers",
    {},
    `target ${target} needs the sanitizers of ${compiler}, which are not installed${quoted(output)}`,
    ["install them:", ...installLines(toolOf(compiler)).map((line) => `  ${line}`)].join("\n"),
  );
}

/** `verify/does-not-link`. */
export function doesNotLink(target: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/does-not-link",
    {},
    `the generated C does not link for ${target}${quoted(output)}`,
    "generated code may call nothing but memcpy, memmove, memset and memcmp",
  );
}

/** `verify/hang`: nothing was heard for too long. */
export function hung(target: string, where: string, limitMs: number, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/hang",
    {},
    `${target}: ${where} did not end within ${limitMs / 1000} s and was stopped${quoted(output)}`,
    "allow more time if the model is that large",
  );
}

/** `verify/fault`: the processor or the operating system stopped the program. */
export function faulted(target: string, where: string, what: string): Diagnostic {
  return errorDiagnostic(
    "verify/fault",
    {},
    `${target}: ${where} faulted: ${what}`,
    "the generated code reads or writes outside its memory, or executes what the core does not have",
  );
}

/** `verify/sanitizer`: AddressSanitizer or UndefinedBehaviorSanitizer stopped the program. */
export function sanitizerFinding(target: string, where: string, finding: string): Diagnostic {
  return errorDiagnostic(
    "verify/sanitizer",
    {},
    `${target}: ${where} was stopped by a sanitizer: ${finding}`,
    "this is a bug of the compiler unless the files were edited: compile the model again",
  );
}

/** `verify/stack-overflow`. */
export function stackOverflow(target: string, where: string, stackSize: number): Diagnostic {
  return errorDiagnostic(
    "verify/stack-overflow",
    {},
    `${target}: ${where} needs more than the ${stackSize} bytes of stack that the machine is given`,
    "generated code keeps its tensors in the arena, not on the stack: this is a bug of the compiler",
  );
}

/** `verify/no-result`: the program ended without saying that it is done. */
export function noResult(target: string, reason: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/no-result",
    {},
    `${target}: the test program gave no result: ${reason}${quoted(output)}`,
    "verify again with a work folder of your own, and look at the files left in it",
  );
}

/** `verify/short-output`: fewer bytes in a result file than there must be. */
export function shortOutput(target: string, file: string, is: number, must: number): Diagnostic {
  return errorDiagnostic(
    "verify/short-output",
    { file },
    `${target}: ${file} holds ${is} bytes instead of ${must}`,
    "is there room on the disk of the work folder?",
  );
}

/** `verify/wrong-trace`: the tracing build does not trace the layers of the network. */
export function wrongTrace(target: string, what: string): Diagnostic {
  return errorDiagnostic(
    "verify/wrong-trace",
    {},
    `${target}: the layers that the generated C traces are not those of the network: ${what}`,
    "this is a bug of the compiler unless the files were edited: compile the model again",
  );
}

/** `verify/bad-vectors`: nothing to compare, or arrays of the wrong size. */
export function badVectors(what: string): Diagnostic {
  return errorDiagnostic(
    "verify/bad-vectors",
    {},
    `cannot verify with these vectors: ${what}`,
    "give at least one input of the model's own size",
  );
}

/** `verify/different`: what to tell about an unequal report. */
export function different(target: string, vectors: number, difference: Difference): Diagnostic {
  const { layer, vector, element, expected, actual } = difference;
  const place =
    layer === null
      ? "every layer agrees, but the output differs"
      : `the first layer that differs is ${layer.index}, ${layer.name} (from ${layer.origin})`;
  return errorDiagnostic(
    "verify/different",
    layer === null ? {} : { node: layer.origin },
    `${target}: the generated C and the simulator disagree on vector ${vector} of ${vectors}; ` +
      `${place}: element ${element} is ${actual} and should be ${expected}`,
    "this is a bug of the compiler unless the files were edited: compile the model again",
  );
}

/** `usage/cannot-measure`: the target has no emulated core. */
export function cannotMeasure(target: string): Diagnostic {
  return errorDiagnostic(
    "usage/cannot-measure",
    {},
    `nothing can be measured on target ${target}: instructions are counted on emulated cores`,
    "choose another --target (`tritc targets` lists them), or leave --measure out",
  );
}

/** `verify/not-measured`: the run was right, but its instructions could not be counted. */
export function notMeasured(target: string): Diagnostic {
  return errorDiagnostic(
    "verify/not-measured",
    {},
    `the instructions of ${target} could not be counted`,
    "`tritc verify` with this target says why; compile without --measure",
  );
}

/** `verify/not-counted`, a warning: the emulator's clock is not what the target table says. */
export function notCounted(target: string, expected: number, measured: number): Diagnostic {
  return {
    code: "verify/not-counted",
    severity: "warning",
    where: {},
    message:
      `${target}: no instruction counts: a loop of ${expected} instructions was measured as ` +
      `${measured}, so the emulator's clock is not what it should be`,
    hint: "use another version of the emulator; `tritc doctor` shows which one is used",
  };
}

/** `verify/not-counted` too: a call that lasts longer than the machine's clock can tell. */
export function tooLongToCount(target: string): Diagnostic {
  return {
    code: "verify/not-counted",
    severity: "warning",
    where: {},
    message: `${target}: no instruction counts: a call takes longer than the core's clock can tell`,
    hint: "verify on another target for an instruction count; its outputs are compared all the same",
  };
}

const QUOTED_LINES = 8;

/** The lines of a tool's output that matter, indented, or nothing. */
function quoted(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(0, QUOTED_LINES)
    .map((line) => `\n  ${line.trimEnd()}`)
    .join("");
}
