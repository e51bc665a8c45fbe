import { fail } from "../diagnostics.js";
import { elementCount, type Network, tensorAt } from "../network/types.js";
import * as say from "./diagnostics.js";

/**
 * What a network sees: height x width pixels of 1 channel (grey) or 3 (red, green, blue). Element
 * (y, x, c) is element `y * strides.row + x * strides.column + c * strides.channel` of its input tensor.
 */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly strides: { readonly row: number; readonly column: number; readonly channel: number };
}

/** A layout of the model's own input: the flat index of an element. */
interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly index: (y: number, x: number, c: number) => number;
}

/**
 * The network's input as a picture: [C, H, W] or [H, W, C] with 1 or 3 channels, [H, W], or a flat
 * list of a square's grey pixels, row by row. Throws `usage/no-picture` for anything else.
 */
export function pictureOf(network: Network): Picture {
  const { shape } = network.input;
  const sample = shape.length > 1 ? shape.slice(1) : shape;
  const tensor = tensorAt(network, network.input.tensor);
  const layouts = layoutsOf(sample);
  const layout =
    layouts.find(({ height, width }) => height === tensor.height && width === tensor.width) ??
    layouts[0] ??
    fail(say.noPicture(shape));
  const { height, width, channels, index } = layout;
  const places = placesOf(network.input.source, elementCount(tensor));
  const place = (y: number, x: number, c: number): number => places[index(y, x, c)] ?? 0;
  const strides = {
    row: height > 1 ? place(1, 0, 0) : 0,
    column: width > 1 ? place(0, 1, 0) : 0,
    channel: channels > 1 ? place(0, 0, 1) : 0,
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const expected = y * strides.row + x * strides.column + c * strides.channel;
        if (place(y, x, c) !== expected) fail(say.noPicture(shape));
      }
    }
  }
  return { height, width, channels, strides };
}

function layoutsOf(sample: readonly number[]): Layout[] {
  const [a = 0, b = 0, c = 0] = sample;
  const found: Layout[] = [];
  if (sample.length === 3 && (a === 1 || a === 3)) {
    const index = (y: number, x: number, channel: number) => (channel * b + y) * c + x;
    found.push({ height: b, width: c, channels: a, index });
  }
  if (sample.length === 3 && (c === 1 || c === 3)) {
    const index = (y: number, x: number, channel: number) => (y * b + x) * c + channel;
    found.push({ height: a, width: b, channels: c, index });
  }
  const lengths = sample.filter((length) => length !== 1);
  const [first = 0, second] = lengths;
  const side = Math.sqrt(first);
  if (lengths.length === 2 && second !== undefined && sample.length === 2) {
    found.push({ height: first, width: second, channels: 1, index: (y, x) => y * second + x });
  } else if (lengths.length === 1 && Number.isInteger(side)) {
    found.push({ height: side, width: side, channels: 1, index: (y, x) => y * side + x });
  }
  return found;
}

/** Where in the tensor each element of the model's input stands. */
function placesOf(source: Int32Array | null, elements: number): Int32Array {
  const places = Int32Array.from({ length: elements }, (_, i) => i);
  source?.forEach((index, i) => {
    places[index] = i;
  });
  return places;
}
