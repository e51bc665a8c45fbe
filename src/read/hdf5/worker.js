// @ts-check
/**
 * Reads HDF5 files with the HDF5 library, in a thread of its own: a hostile file may make the
 * library loop or trap, and the reader can end a thread. Plain JavaScript, so that Node starts it
 * from the sources and from the build alike.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Dataset, File, Group, ready } from "h5wasm";

/**
 * @typedef {import("./tree.js").Hdf5Attributes} Hdf5Attributes
 * @typedef {import("./tree.js").Hdf5Dataset} Hdf5Dataset
 * @typedef {import("./tree.js").Hdf5Start} Hdf5Start
 * @typedef {import("./tree.js").Hdf5Reply} Hdf5Reply
 * @typedef {import("./tree.js").Hdf5Request} Hdf5Request
 * @typedef {import("h5wasm").Metadata} Metadata
 * @typedef {{ readonly buffer: ArrayBuffer, grow(pages: number): number }} WasmMemory
 */

const NAME = "/model.h5";
// Classes of datatypes: H5T_class_t of the HDF5 library.
const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;

/** What a file asks for beyond the limits. */
class TooLarge extends Error {
  /** @param {string} what @param {number} size */
  constructor(what, size) {
    super(what);
    this.what = what;
    this.size = size;
  }
}

/** @type {Hdf5Start} */
const { limits, started } = workerData;

// The library grows its memory as the file tells it to; beyond the bound it gets none, and says so.
/** @type {{ Memory: { prototype: WasmMemory }, RuntimeError: ErrorConstructor }} */
const wasm = Reflect.get(globalThis, "WebAssembly");
const { grow } = wasm.Memory.prototype;
wasm.Memory.prototype.grow = function (pages) {
  const wanted = this.buffer.byteLength + pages * 65536;
  if (wanted > limits.memory) throw new RangeError("no more memory");
  return grow.call(this, pages);
};

const { FS } = await ready;

parentPort?.on("message", (/** @type {Hdf5Request} */ { bytes, skip, signal, port }) => {
  const reply = read(bytes, skip);
  port.postMessage(reply, reply.kind === "tree" ? buffersOf(reply) : []);
  port.close();
  raise(signal);
});
raise(started);

/** @param {Int32Array} signal */
function raise(signal) {
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

/** @param {Uint8Array} bytes @param {readonly string[]} skip @returns {Hdf5Reply} */
function read(bytes, skip) {
  FS.writeFile(NAME, bytes);
  /** @type {File | null} */
  let file = null;
  try {
    file = new File(NAME, "r");
    if (file.file_id <= 0n) throw new Error("the library does not open it");
    return tree(file, skip);
  } catch (error) {
    if (error instanceof TooLarge) return { kind: "too-large", what: error.what, size: error.size };
    const broken = error instanceof wasm.RuntimeError || error instanceof RangeError;
    return {
      kind: "problem",
      message: error instanceof Error ? error.message : `${error}`,
      broken,
    };
  } finally {
    if (file !== null && file.file_id > 0n) file.close();
    FS.unlink(NAME);
  }
}

/**
 * Visits groups depth first. Links may lead back up: what ends it is the bound on objects and depth.
 *
 * @param {File} file @param {readonly string[]} skip @returns {Hdf5Reply}
 */
function tree(file, skip) {
  /** @type {Map<string, Hdf5Attributes>} */
  const groups = new Map();
  /** @type {{ path: string, entity: Dataset, metadata: Metadata }[]} */
  const found = [];
  let bytes = 0;
  let objects = 0;
  /** @type {{ path: string, depth: number, group: Group }[]} */
  const open = [{ path: "", depth: 0, group: file }];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { path, depth, group } = top;
    if (depth > limits.depth) throw new TooLarge("the depth of its groups", depth);
    groups.set(path, attributes(group));
    const inside = [];
    for (const name of group.keys()) {
      if (++objects > limits.objects) throw new TooLarge("the number of its objects", objects);
      const own = path === "" ? name : `${path}/${name}`;
      if (skip.includes(own)) continue;
      const entity = group.get(name);
      if (entity instanceof Group) inside.push({ path: own, depth: depth + 1, group: entity });
      if (!(entity instanceof Dataset)) continue;
      const { metadata } = entity;
      bytes += sizeOf(metadata);
      if (bytes > limits.bytes) throw new TooLarge("its data sets", bytes);
      found.push({ path: own, entity, metadata });
    }
    open.push(...inside.reverse());
  }
  // Nothing is read before all of it is known to be of a size that can be held.
  const datasets = new Map(found.map((f) => [f.path, dataset(f.entity, f.metadata)]));
  return { kind: "tree", groups, datasets };
}

/** @param {Pick<Metadata, "shape" | "size">} metadata */
function sizeOf({ shape, size }) {
  return (shape ?? []).reduce((product, extent) => product * extent, 1) * size;
}

/** @param {Dataset} entity @param {Metadata} metadata @returns {Hdf5Dataset} */
function dataset(entity, { type, shape, size, littleEndian, vlen }) {
  const number = type === INTEGER || (type === FLOAT && size >= 4 && size <= 8);
  if (!number || vlen || shape === null) return { kind: "other" };
  if (!littleEndian && size > 1) return { kind: "other" };
  const value = sizeOf({ shape, size }) === 0 ? [] : entity.value;
  return { kind: "numbers", shape, data: numbers(value) };
}

const SMALL = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array];

/** Doubles hold every float32 and every integer below 2^53. @param {unknown} value */
function numbers(value) {
  if (value instanceof Float32Array) return value.slice();
  if (typeof value === "number" || typeof value === "bigint") return Float64Array.of(Number(value));
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return Float64Array.from(value, Number);
  }
  if (value instanceof Float64Array || Array.isArray(value)) return Float64Array.from(value);
  for (const kind of SMALL) if (value instanceof kind) return Float64Array.from(value);
  throw new Error("a data set without numbers");
}

/** The attributes that are texts or lists of texts. @param {Group} group @returns {Hdf5Attributes} */
function attributes(group) {
  /** @type {Record<string, string | readonly string[]>} */
  const found = {};
  for (const [name, attribute] of Object.entries(group.attrs)) {
    const { metadata } = attribute;
    if (metadata.type !== STRING) continue;
    const size = sizeOf(metadata);
    if (size > limits.attributeBytes) throw new TooLarge(`its attribute ${name}`, size);
    const { value } = attribute;
    if (typeof value === "string") found[name] = value;
    else if (Array.isArray(value)) found[name] = value.map(String);
  }
  return found;
}

/** @param {Hdf5Reply & { kind: "tree" }} reply @returns {ArrayBuffer[]} */
function buffersOf({ datasets }) {
  const buffers = [...datasets.values()].map((d) => (d.kind === "numbers" ? d.data.buffer : null));
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
