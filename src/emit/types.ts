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
  /** How the scales of float activations were chosen, where the model has none of its own. */
  readonly calibration?: CalibrationOrigin;
}

/** What calibration was made from. */
export interface CalibrationOrigin {
  /** Name of the file or folder, without the folders it lies in, and SHA-256 of its contents. */
  readonly file: string;
  readonly hash: string;
  readonly inputs: number;
  readonly method: string;
}

/** What was measured of the generated C on its target: it stands in the header. */
export interface Measured {
  /** Names and versions of the compiler and the emulator. */
  readonly compiler: string;
  readonly emulator: string;
  /** Inputs whose outputs were those of the simulator, bit for bit. */
  readonly equalInputs: number;
  /** Of one run: the least and the most over so many inputs. */
  readonly instructions: { readonly min: number; readonly max: number; readonly inputs: number };
  /** Bytes of the model's code, and of the stack at its deepest. */
  readonly code: number;
  readonly stack: number;
}
