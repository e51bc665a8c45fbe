import type { MessagePort } from "node:worker_threads";

/** What an HDF5 file holds, as far as models need it, by paths without a leading slash. */
export interface Hdf5Tree {
  /** Attributes of each group; the file's own are those of "". */
  readonly groups: ReadonlyMap<string, Hdf5Attributes>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
}

/** Attributes that are texts or lists of texts. */
export type Hdf5Attributes = Readonly<Record<string, string | readonly string[]>>;

export type Hdf5Dataset =
  | {
      readonly kind: "numbers";
      readonly shape: readonly number[];
      readonly data: Float32Array | Float64Array;
    }
  | { readonly kind: "other" };

/** Bounds of what a file may ask for; memory is the library's, in bytes. */
export interface Hdf5Limits {
  readonly memory: number;
  /** Bytes of all data sets. */
  readonly bytes: number;
  readonly attributeBytes: number;
  readonly objects: number;
  readonly depth: number;
}

/** What the reading thread is started with: it sets `started` to 1 once the library is there. */
export interface Hdf5Start {
  readonly limits: Hdf5Limits;
  readonly started: Int32Array;
}

/** What the reading thread is asked: it sets `signal` to 1 after its reply to `port`. */
export interface Hdf5Request {
  readonly bytes: Uint8Array;
  /** Paths that are left out. */
  readonly skip: readonly string[];
  readonly signal: Int32Array;
  readonly port: MessagePort;
}

export type Hdf5Reply =
  | ({ readonly kind: "tree" } & Hdf5Tree)
  | { readonly kind: "too-large"; readonly what: string; readonly size: number }
  /** `broken`: the library may not work any more. */
  | { readonly kind: "problem"; readonly message: string; readonly broken: boolean };
