import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { fail } from "../../diagnostics.js";
import { damagedFile, tooLargeFile } from "../diagnostics.js";
import { LIMITS } from "../limits.js";
import type { Hdf5Limits, Hdf5Reply, Hdf5Request, Hdf5Start, Hdf5Tree } from "./tree.js";

export type { Hdf5Attributes, Hdf5Dataset, Hdf5Tree } from "./tree.js";

const MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** The superblock is at 0, or behind a user block of 512, 1024, ... bytes (HDF5 format, II.A). */
export function isHdf5(bytes: Uint8Array): boolean {
  const at = (offset: number): boolean => MAGIC.every((byte, i) => bytes[offset + i] === byte);
  if (at(0)) return true;
  for (let offset = 512; offset < bytes.length; offset *= 2) if (at(offset)) return true;
  return false;
}

/**
 * Everything in an HDF5 file but the paths in `skip`. The library runs in a thread, which is waited
 * for: bounded in time and memory (see `LIMITS`), whatever the file holds.
 *
 * @throws DiagnosticError `read/damaged-file`, `read/too-large`
 */
export function readHdf5(bytes: Uint8Array, skip: readonly string[]): Hdf5Tree {
  const reply = ask(bytes, skip);
  switch (reply?.kind) {
    case "tree":
      return reply;
    case "too-large":
      return fail(tooLargeFile(`${reply.what} in the HDF5 file`, reply.size));
    case "problem":
      return fail(damagedFile("HDF5 file", reply.message));
    case undefined:
      return fail(damagedFile("HDF5 file", "reading it does not come to an end"));
    default:
      return reply satisfies never;
  }
}

const limits: Hdf5Limits = {
  memory: LIMITS.hdf5Memory,
  bytes: LIMITS.decodedBytes,
  attributeBytes: LIMITS.jsonBytes,
  objects: LIMITS.entries,
  depth: 32,
};

/** The thread, once a file has needed it; starting the library takes longer than most files do. */
let thread: Worker | null = null;

/** Undefined if there was no answer in time. */
function ask(bytes: Uint8Array, skip: readonly string[]): Hdf5Reply | undefined {
  thread ??= startThread();
  const { port1, port2 } = new MessageChannel();
  const signal = newSignal();
  const request: Hdf5Request = { bytes, skip, signal, port: port2 };
  thread.postMessage(request, [port2]);
  const time = LIMITS.hdf5Milliseconds + (bytes.length / 2 ** 20) * LIMITS.hdf5MillisecondsPerMiB;
  const outcome = Atomics.wait(signal, 0, 0, time);
  const answer: { message: Hdf5Reply } | undefined = receiveMessageOnPort(port1);
  port1.close();
  const reply = answer?.message;
  if (outcome === "timed-out" || (reply?.kind === "problem" && reply.broken)) endThread(thread);
  return reply;
}

function newSignal(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function startThread(): Worker {
  const started = newSignal();
  const workerData: Hdf5Start = { limits, started };
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData,
    // The library prints its own errors, and a loader of this process is not for the thread.
    stdout: true,
    stderr: true,
    execArgv: [],
  });
  // An idle thread must not keep the process alive. What kills it shows as a missing answer.
  worker.unref();
  worker.on("error", () => {
    if (thread === worker) thread = null;
  });
  Atomics.wait(started, 0, 0, LIMITS.hdf5StartMilliseconds);
  return worker;
}

function endThread(worker: Worker): void {
  thread = null;
  void worker.terminate();
}
