/** Generated files: path inside the output folder to text. */
export type FileMap = ReadonlyMap<string, string>;

/** Where a network came from, without clock or machine: it stands in the generated files. */
export interface Provenance {
  /** File name of the model, without its folders. */
  readonly source: string;
  /** SHA-256 of the model file, in hexadecimal. */
  readonly hash: string;
  /** The command that makes the same files again. */
  readonly command: string;
  readonly version: string;
}
