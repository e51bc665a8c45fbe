/**
 * What a model file may make its reader hold. Sizes that a file declares are compared with these
 * before anything is allocated; a file that asks for more is refused (`read/too-large`).
 */
export const LIMITS = {
  /**
   * Bytes of all arrays decoded from one archive, HDF5 or safetensors file: 64 million float32
   * weights, more than any microcontroller's flash holds as trits.
   */
  decodedBytes: 2 ** 28,
  /** Elements of one tensor. */
  elements: 2 ** 25,
  /**
   * Bytes of the constants that an ONNX model makes its reader hold at a time, beyond those that lie
   * in the file.
   */
  heldBytes: 2 ** 29,
  /** Entries of an archive, objects of an HDF5 file, layers of a network. */
  entries: 20_000,
  /** Bytes of JSON that describe a network. */
  jsonBytes: 2 ** 24,
  /** Time that reading an HDF5 file may take: in all, and for each MiB of it. */
  hdf5Milliseconds: 2000,
  hdf5MillisecondsPerMiB: 500,
  /** Time that starting the HDF5 library may take. */
  hdf5StartMilliseconds: 60_000,
  /** Memory of the HDF5 library, in bytes: the file, what is decoded, and its own. */
  hdf5Memory: 2 ** 30,
} as const;
