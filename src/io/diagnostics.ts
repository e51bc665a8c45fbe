/** Everything that reading and writing files says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";

/** A shape as numpy prints it in messages: `[3, 8, 8]`. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

// Files that are read.

export function missingFile(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/missing-file",
    { file },
    "there is no such file",
    "Check the path; it is looked up from the current folder.",
  );
}

export function isFolder(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/is-a-folder",
    { file },
    "this is a folder, and a file is needed",
    "Give the path of the file inside it.",
  );
}

export function unreadableFile(file: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "usage/unreadable-file",
    { file },
    `the file cannot be read: ${reason}`,
    "Check that you may read it and that its disk is there.",
  );
}

// Arrays.

export function notAnArray(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/not-an-array",
    { file },
    "this is neither a .npy nor a .npz file",
    'Save the array with numpy: np.save("x.npy", x).',
  );
}

export function damagedArray(file: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "usage/damaged-array",
    { file },
    `the array cannot be read: ${reason}`,
    'Save it again with numpy: np.save("x.npy", x).',
  );
}

export function arrayType(file: string, type: string): Diagnostic {
  return errorDiagnostic(
    "usage/array-type",
    { file },
    `its elements are of numpy type ${type}; little-endian integers, bool and real numbers are read`,
    "Convert it, for example with x.astype(np.float32), and save it again.",
  );
}

export function hugeInteger(file: string, index: number): Diagnostic {
  return errorDiagnostic(
    "usage/array-type",
    { file },
    `element ${index} is a 64-bit integer beyond 2^53`,
    "Convert the array to the model's own input type and save it again.",
  );
}

export function noArraysInside(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/not-an-array",
    { file },
    "this .npz or zip file holds no arrays",
    'Save the array with numpy: np.savez("x.npz", x=x).',
  );
}

export function noSuchMember(file: string, member: string, members: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/missing-member",
    { file },
    `there is no array "${member}" inside; there are ${members.join(", ")}`,
    `Name one of them: ${file}:${members[0] ?? "x"}`,
  );
}

export function whichMember(file: string, members: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/which-member",
    { file },
    `the file holds several arrays that could be the inputs: ${members.join(", ")}`,
    `Name the one you mean: ${file}:${members.at(-1) ?? "x"}`,
  );
}

// Arrays as inputs of a model.

export function noInputs(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/no-inputs",
    { file },
    "the array is empty: there is no input to run",
    "Save at least one input, the batch axis first.",
  );
}

export function inputShape(
  file: string,
  given: readonly number[],
  expected: readonly number[],
  hint: string,
): Diagnostic {
  const sample = expected.map(String);
  return errorDiagnostic(
    "usage/input-shape",
    { file, shape: given },
    `the model takes inputs of shape ${showShape(expected)}, so the array must be ` +
      `[${["N", ...sample].join(", ")}], and it is ${showShape(given)}`,
    hint,
  );
}

export function integersWanted(file: string, given: string, wanted: string): Diagnostic {
  return errorDiagnostic(
    "usage/input-type",
    { file },
    `the model takes ${wanted} inputs and the array holds ${given} numbers`,
    `Give the integers that the model was exported for; if these are whole numbers already: x.astype(np.${wanted}).`,
  );
}

export function realsWanted(file: string, given: string): Diagnostic {
  return errorDiagnostic(
    "usage/input-type",
    { file },
    `the model takes float inputs and the array holds ${given} integers`,
    "Scale them as in training and save floats, for example x.astype(np.float32) / 255.",
  );
}

export function inputValue(file: string, sample: number, problem: string): Diagnostic {
  return errorDiagnostic(
    "usage/input-value",
    { file },
    `the model cannot take input ${sample}: ${problem}`,
    "Check how the array was made; the model's input type and range are what `tritc inspect` shows.",
  );
}

// Files that are written.

export function notWritable(folder: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "output/not-writable",
    { file: folder },
    `nothing was written: ${reason}`,
    "Choose a folder that you may write to.",
  );
}

export function diskFull(folder: string): Diagnostic {
  return errorDiagnostic(
    "output/disk-full",
    { file: folder },
    "nothing was written: the disk is full",
    "Free some space, or choose a folder on another disk.",
  );
}

export function inTheWay(path: string, what: string): Diagnostic {
  return errorDiagnostic(
    "output/in-the-way",
    { file: path },
    `nothing was written: ${what}`,
    "Move it away, or choose another place for the output.",
  );
}

export function writeFailed(folder: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "output/failed",
    { file: folder },
    `nothing was written: ${reason}`,
    "Check the folder and its disk.",
  );
}

export function nameTaken(folder: string, name: string, other: string, mine: string): Diagnostic {
  return errorDiagnostic(
    "output/name-taken",
    { file: folder },
    `the folder already holds a model named "${name}", made from ${other} and not from ${mine}`,
    "Give this one a name of its own with --name, or choose another folder.",
  );
}

export function notOurs(file: string, name: string): Diagnostic {
  return errorDiagnostic(
    "output/not-ours",
    { file },
    `a file of this name is there already, and no ${name}.tritc.json says that tritc made it`,
    "Choose another --name or another folder, or delete the file.",
  );
}

export function arrayFileName(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/array-file-name",
    { file },
    "arrays are written as .npy or .npz files",
    "Let the file's name end in .npy or .npz.",
  );
}

export function folderInUse(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/folder-in-use",
    { file: folder },
    "this folder must be new or empty: nothing in it is overwritten",
    "name another one, or remove it first",
  );
}

// Manifests.

export function noManifest(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/no-manifest",
    { file: folder },
    "the folder holds no compiled model (no file ends in .tritc.json)",
    "Compile one into it first: tritc compile MODEL -o FOLDER.",
  );
}

export function whichModel(folder: string, names: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/which-model",
    { file: folder },
    `the folder holds several compiled models: ${names.join(", ")}`,
    `Say which with --name ${names[0] ?? "NAME"}.`,
  );
}

export function damagedManifest(file: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "read/damaged-manifest",
    { file },
    `this is not a manifest that tritc can use: ${reason}`,
    "Compile the model again with this version of tritc.",
  );
}

export function edited(file: string): Diagnostic {
  return {
    code: "read/edited",
    severity: "warning",
    where: { file },
    message:
      "the file is no longer as tritc wrote it; inputs that do not reach what was changed " +
      "cannot show a difference",
    hint: "Compile the model again, unless the change was meant.",
  };
}

export function missingGenerated(file: string): Diagnostic {
  return errorDiagnostic(
    "read/missing-generated-file",
    { file },
    "the manifest names this file, and it is not there",
    "Compile the model again.",
  );
}

/** `verify/edited-bundle`: a bundle is evidence only as it was written. */
export function editedBundle(folder: string, files: readonly string[]): Diagnostic {
  const list = files.slice(0, 5).join(", ") + (files.length > 5 ? " and others" : "");
  return errorDiagnostic(
    "verify/edited-bundle",
    { file: folder },
    `this bundle was changed after it was written: ${list}`,
    "ask for the original, or verify the model itself and write a new bundle",
  );
}

/** `read/damaged-bundle`: the files are as they were, and make no sense. */
export function damagedBundle(folder: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "read/damaged-bundle",
    { file: folder },
    `this folder is no bundle that can be read: ${reason}`,
    "write it again with `tritc verify MODEL --bundle FOLDER`",
  );
}

/** `verify/other-vectors`: the simulator does not compute what a bundle expects. */
export function otherVectors(folder: string): Diagnostic {
  return errorDiagnostic(
    "verify/other-vectors",
    { file: folder },
    "the outputs that this bundle expects are not those of its network",
    "was it written by another version of tritc? verify the model itself and write a new bundle",
  );
}

// Calibration inputs.

export function nothingToCalibrate(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/no-calibration-inputs",
    { file: folder },
    "the folder holds no .npy files and no .png or .jpg images",
    "Name a folder of inputs, or a .npy or .npz file.",
  );
}

export function imagesAndArrays(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/images-and-arrays",
    { file: folder },
    "the folder holds images and .npy files, so it is not clear which are the inputs",
    "Put the calibration inputs into a folder of their own.",
  );
}

export function calibrationValue(file: string, input: number): Diagnostic {
  return errorDiagnostic(
    "usage/calibration-value",
    { file },
    `calibration input ${input} holds NaN or an infinite number`,
    "Check how the inputs were made.",
  );
}

export function damagedImage(file: string, reason: string): Diagnostic {
  return errorDiagnostic(
    "usage/damaged-image",
    { file },
    `the image cannot be read: ${reason}`,
    "Save it again, as PNG or JPEG.",
  );
}

export function imageSize(
  file: string,
  [width, height]: readonly [number, number],
  [wantedWidth, wantedHeight]: readonly [number, number],
): Diagnostic {
  return errorDiagnostic(
    "usage/image-size",
    { file },
    `the image has ${width} x ${height} pixels and the model takes ${wantedWidth} x ${wantedHeight}`,
    "Crop and resize the images as in training first.",
  );
}

export function noImages(file: string, shape: readonly number[]): Diagnostic {
  return errorDiagnostic(
    "usage/no-image-input",
    { file, shape },
    `the model's input ${showShape(shape)} is no image of 1 or 3 channels of float or uint8`,
    "Give the inputs as .npy or .npz arrays.",
  );
}

export function plannedAlready(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/planned-already",
    { file: folder },
    "compiled C has its kernels already, so there is nothing to choose",
    "Leave --optimize, --max-flash, --max-ram, --max-cycles and --no-multiply away, or give the model file.",
  );
}

export function calibratedAlready(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/calibrated-already",
    { file: folder },
    "compiled C has its scales already, so there is nothing to calibrate",
    "Leave --calibrate away, or give the model file.",
  );
}
