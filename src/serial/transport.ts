import { connect } from "node:net";
import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";

/** A line to a device: bytes in both directions, in order, perhaps damaged. */
export interface Transport {
  /** Resolves when the bytes are on their way. Rejects when the line is gone. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** From now on what arrives goes to `data`, and the end of the line to `lost`, once. */
  readonly listen: (listener: Listener) => void;
  readonly close: () => Promise<void>;
}

export interface Listener {
  readonly data: (bytes: Uint8Array) => void;
  readonly lost: (reason: string) => void;
}

/** How long a line may take to open, in milliseconds. */
const OPEN_LIMIT_MS = 5_000;

/**
 * Opens `/dev/ttyUSB0`, `COM3` and the like at a speed in bits a second, or `tcp:HOST:PORT` (a
 * serial line that another program serves, an emulator's say).
 * Throws `device/no-port`, `device/busy-port`, `tool/no-serial-library`.
 */
export function openTransport(port: string, baud: number): Promise<Transport> {
  const tcp = /^tcp:(.+):(\d+)$/.exec(port);
  return tcp?.[1] === undefined ? openSerial(port, baud) : openTcp(port, tcp[1], Number(tcp[2]));
}

function openTcp(port: string, host: string, number: number): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: number, noDelay: true, timeout: OPEN_LIMIT_MS });
    const refuse = (reason: string) => {
      socket.destroy();
      reject(say.thrown(say.noPort(port, reason, [])));
    };
    const onError = (error: Error) => refuse(error.message);
    const onTimeout = () => refuse("nothing answers");
    socket.once("error", onError).once("timeout", onTimeout);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", onError).off("timeout", onTimeout);
      resolve(transportOf(socket, () => socket.destroy()));
    });
  });
}

async function openSerial(path: string, baudRate: number): Promise<Transport> {
  const { SerialPort } = await serialLibrary();
  const serial = new SerialPort({ path, baudRate, autoOpen: false });
  const problem = await new Promise<Error | null>((resolve) => serial.open(resolve));
  if (problem === null) return transportOf(serial, () => serial.close());
  // Where the system cannot list its ports (no udevadm, say), the message names none.
  const ports = await SerialPort.list().catch(() => []);
  const there = ports.map(({ path, manufacturer }) =>
    manufacturer === undefined ? path : `${path} (${manufacturer})`,
  );
  const { message } = problem;
  if (/lock|busy|access denied|permission/i.test(message)) fail(say.busyPort(path, message));
  fail(say.noPort(path, message, there));
}

/**
 * Native code for each system: it may be absent where tritc itself runs. Throws
 * `tool/no-serial-library`.
 */
export async function serialLibrary() {
  try {
    return await import("serialport");
  } catch (error) {
    return fail(say.noSerialLibrary(error instanceof Error ? error.message : String(error)));
  }
}

interface Stream {
  write(bytes: Uint8Array, done: (error?: Error | null) => void): boolean;
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  once(event: "close", listener: () => void): unknown;
}

function transportOf(stream: Stream, end: () => void): Transport {
  let reason: string | null = null;
  let listener: Listener | null = null;
  const lose = (why: string) => {
    if (reason !== null) return;
    reason = why;
    listener?.lost(why);
  };
  stream.on("error", (error) => lose(error.message));
  stream.on("close", () => lose("the line was closed"));
  stream.on("data", (bytes) => listener?.data(bytes));
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (reason !== null) reject(new Error(reason));
        else stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    listen: (heard) => {
      listener = heard;
      if (reason !== null) heard.lost(reason);
    },
    close: () =>
      new Promise((resolve) => {
        if (reason !== null) resolve();
        stream.once("close", resolve);
        end();
      }),
  };
}
