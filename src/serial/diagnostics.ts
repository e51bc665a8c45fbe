/** Everything that is said of a device on a serial line. */

import { type Diagnostic, DiagnosticError, errorDiagnostic } from "../diagnostics.js";

export function thrown(diagnostic: Diagnostic): DiagnosticError {
  return new DiagnosticError([diagnostic]);
}

/** `tool/no-serial-library`: the optional package is not installed, or not for this system. */
export function noSerialLibrary(reason: string): Diagnostic {
  return errorDiagnostic(
    "tool/no-serial-library",
    {},
    `the package that opens serial ports cannot be loaded: ${reason}`,
    "install it beside tritc: npm install serialport",
  );
}

/** `device/no-port`: there is no such port, or nothing answers there. */
export function noPort(port: string, reason: string, there: readonly string[]): Diagnostic {
  const found =
    there.length === 0 ? "no serial port was found" : `these were found: ${there.join(", ")}`;
  return errorDiagnostic(
    "device/no-port",
    { file: port },
    `the port cannot be opened: ${reason}`,
    `is the device plugged in, with a cable that carries data? ${found}`,
  );
}

/** `device/no-board`: nothing is plugged in. */
export function noBoard(): Diagnostic {
  return errorDiagnostic(
    "device/no-board",
    {},
    "no board is there: this computer has no serial port of USB",
    "Plug the board in, with a cable that carries data; or name a port with --port. Some boards show " +
      "their port only while a button is held: see the project's README.",
  );
}

/** `device/no-list`: the system does not say which ports it has (no udevadm, say). */
export function noList(reason: string): Diagnostic {
  return errorDiagnostic(
    "device/no-list",
    {},
    `the serial ports of this computer cannot be listed: ${reason}`,
    "Name one with --port.",
  );
}

/** `device/which-port`: several boards are plugged in. */
export function whichPort(ports: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "device/which-port",
    {},
    `there are several ports: ${ports.join(", ")}`,
    `Say which: --port ${ports[0]?.split(" ")[0] ?? "PORT"}.`,
  );
}

/** `device/silent`: the line is open, and nothing comes. */
export function silent(port: string, seconds: number): Diagnostic {
  return errorDiagnostic(
    "device/silent",
    { file: port },
    `nothing was heard for ${seconds} s`,
    "does the board run the camera application (tritc new --app camera), at this speed (--baud)?",
  );
}

/** `device/busy-port`: the port exists but is not ours to open. */
export function busyPort(port: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "device/busy-port",
    { file: port },
    `the port cannot be opened: ${reason}`,
    "close other programs that use it (a serial monitor, say); on Linux the user must be in the " +
      "group of the port, usually dialout",
  );
}

/** `device/lost`: the line went away in the middle of the work. */
export function lost(port: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "device/lost",
    { file: port },
    `the device is gone: ${reason}`,
    "was it unplugged, or did it restart its USB port? plug it in and verify again",
  );
}

/** `device/no-answer`: silence. */
export function noAnswer(port: string, what: string): Diagnostic {
  return errorDiagnostic(
    "device/no-answer",
    { file: port },
    `the device does not answer ${what}, though asked several times`,
    "does it run a program with NAME_serial_poll, at the same speed (--baud)?",
  );
}

/** `device/noise`: bytes arrive that are no answer, again and again. */
export function noise(port: string, what: string, sample: Uint8Array): Diagnostic {
  return errorDiagnostic(
    "device/noise",
    { file: port },
    `what arrives is no answer to ${what}; it begins with ${shown(sample)}`,
    "is the speed (--baud) the device's? a program that prints much between the answers disturbs them",
  );
}

/** Text as text, other bytes in hexadecimal. */
function shown(sample: Uint8Array): string {
  const bytes = sample.subarray(0, 24);
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13);
  const raw = Buffer.from(bytes);
  return isText ? JSON.stringify(raw.toString("latin1")) : raw.toString("hex");
}

/** `device/other-protocol`: the firmware was made with another version of tritc. */
export function otherProtocol(port: string, is: number, must: number): Diagnostic {
  return errorDiagnostic(
    "device/other-protocol",
    { file: port },
    `the device speaks version ${is} of the protocol, this tritc version ${must}`,
    "build the firmware again with the files that this tritc writes (tritc compile --serial)",
  );
}

/** `device/refused`: the device understood the request and says no. */
export function refused(port: string, what: string): Diagnostic {
  return errorDiagnostic(
    "device/refused",
    { file: port },
    `the device refuses ${what}`,
    "build the firmware again with the files that this tritc writes (tritc compile --serial)",
  );
}

/** `device/other-model`: another network is in the firmware. */
export function otherModel(port: string, is: string, must: string): Diagnostic {
  return errorDiagnostic(
    "device/other-model",
    { file: port },
    `the device holds ${is}, not ${must}`,
    "compile this model with --serial, build the firmware with it and flash it; or verify the model " +
      "that was flashed",
  );
}

/** `device/restarted`: inputs that were written are not there any more. */
export function restarted(port: string, vector: number): Diagnostic {
  return errorDiagnostic(
    "device/restarted",
    { file: port },
    `the device lost the input of vector ${vector} before it ran it, several times`,
    "does its watchdog restart it while the model runs? does another program write to its buffers?",
  );
}

/** `device/wrong-trace`: the layers that the firmware traces are not those of the network. */
export function wrongTrace(port: string, what: string): Diagnostic {
  return errorDiagnostic(
    "device/wrong-trace",
    { file: port },
    `the layers that the device traces are not those of the network: ${what}`,
    "build the firmware again with the files that this tritc writes (tritc compile --serial)",
  );
}

/** `device/not-traced`: layers cannot be compared. */
export function notTraced(port: string, macro: string): Diagnostic {
  return errorDiagnostic(
    "device/not-traced",
    { file: port },
    "the firmware on the device does not trace its layers, so they cannot be compared",
    `build the firmware with ${macro} defined, or verify without --layers`,
  );
}
