/** Formats that people take for models tritc reads, told apart by their first bytes. */
export interface Format {
  readonly name: string;
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly hint: string;
}

const EXPORT_ONNX = "Export the model to ONNX and give that file.";

const FORMATS: readonly Format[] = [
  {
    name: "a Git LFS pointer, not the file it points to",
    matches: startsWith("version https://git-lfs"),
    hint: "Fetch the file itself with git lfs pull.",
  },
  {
    name: "a NumPy array (.npy)",
    matches: startsWith("\x93NUMPY"),
    hint: "That is data, not a model: give the .onnx file as the model.",
  },
  {
    // The names of entries stand in the local file headers, so the first is near the start.
    name: "a PyTorch checkpoint (a zip archive)",
    matches: (bytes) => startsWith("PK\x03\x04")(bytes) && text(bytes, 0, 256).includes("data.pkl"),
    hint: "A checkpoint holds weights without the network: load it in PyTorch and torch.onnx.export it.",
  },
  {
    name: "a TensorFlow Lite model",
    matches: (bytes) => text(bytes, 4, 8) === "TFL3",
    hint: "Convert it with tf2onnx --tflite and give the .onnx file.",
  },
  { name: "GGUF", matches: startsWith("GGUF"), hint: EXPORT_ONNX },
  {
    name: "a Python pickle, as old PyTorch checkpoints are",
    matches: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5,
    hint: "Load it in PyTorch and torch.onnx.export it.",
  },
  { name: "gzip", matches: startsWith("\x1f\x8b"), hint: "Unpack it first." },
  {
    name: "text (JSON, HTML or the like)",
    matches: (bytes) => /^[\t\n\r\x20-\x7e]{8,}$/.test(text(bytes, 0, 256)),
    hint: `A download may have saved an error page. ${EXPORT_ONNX}`,
  },
];

/** A format other than ONNX that the bytes are plainly in; null if they may be ONNX, or nothing. */
export function otherFormat(bytes: Uint8Array): Format | null {
  return FORMATS.find(({ matches }) => matches(bytes)) ?? null;
}

/** ONNX models have no magic number, but every exporter writes the IR version (field 1) first. */
export function looksLikeOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08;
}

function startsWith(magic: string): (bytes: Uint8Array) => boolean {
  return (bytes) => text(bytes, 0, magic.length) === magic;
}

/** Bytes as Latin-1 text, one character a byte. */
function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
