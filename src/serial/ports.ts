import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { serialLibrary } from "./transport.js";

/** A serial port of this computer. */
export interface Port {
  readonly path: string;
  /** For people: who made it, where the system knows. */
  readonly manufacturer: string | null;
}

/**
 * Lists the ports that a board can be at: those of USB. Throws `tool/no-serial-library` or
 * `device/no-list`.
 */
export async function usbPorts(): Promise<Port[]> {
  const { SerialPort } = await serialLibrary();
  const ports = await SerialPort.list().catch((error: Error) => fail(say.noList(error.message)));
  return ports
    .filter(({ vendorId }) => vendorId !== undefined)
    .map(({ path, manufacturer }) => ({ path, manufacturer: manufacturer ?? null }));
}

/**
 * The port that a user named, or else the only one there is. Throws `device/no-board` where there is
 * none and `device/which-port` where there are several.
 */
export async function choosePort(
  named: string | undefined,
  list: () => Promise<readonly Port[]> = usbPorts,
): Promise<string> {
  if (named !== undefined) return named;
  const [only, ...others] = await list();
  if (only === undefined) return fail(say.noBoard());
  return others.length === 0 ? only.path : fail(say.whichPort([only, ...others].map(portText)));
}

function portText({ path, manufacturer }: Port): string {
  return manufacturer === null ? path : `${path} (${manufacturer})`;
}
