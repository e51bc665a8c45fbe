/** A safetensors file of float32 and uint8 tensors, and what a test changes of its header. */
export function safetensors(
  tensors: Readonly<Record<string, readonly [readonly number[], Float32Array | Uint8Array]>>,
  change: (
    header: Record<string, { dtype: string; shape: readonly number[]; data_offsets: number[] }>,
  ) => void = () => {},
): Uint8Array {
  const header: Parameters<typeof change>[0] = {};
  let end = 0;
  for (const [name, [shape, data]] of Object.entries(tensors)) {
    const dtype = data instanceof Uint8Array ? "U8" : "F32";
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  change(header);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const [, data] of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
