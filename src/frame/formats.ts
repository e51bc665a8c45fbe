/** How the pixels of a camera's frame lie in memory, and what colours they mean. */

export type PixelFormat = "gray8" | "rgb888" | "rgb565le" | "rgb565be" | "yuyv" | "uyvy";

/** Each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A frame's size in pixels and how they are stored, row after row without gaps. */
export interface FrameFormat {
  readonly pixels: PixelFormat;
  readonly width: number;
  readonly height: number;
}

/** A reader and writer of single pixels. */
interface Pixels {
  /** The name in tritc_frame.h. */
  readonly constant: string;
  readonly bytes: number;
  /** Pixel x of a row. Two pixels of YUV share the colour of their pair. */
  readonly color: (row: Uint8Array, x: number) => Rgb;
  /** Its grey value. */
  readonly gray: (row: Uint8Array, x: number) => number;
  /** Writes pixel x; a pair takes the colour of its first pixel. */
  readonly put: (row: Uint8Array, x: number, rgb: Rgb) => void;
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;

/** ITU-R BT.601, in 1/65536, rounded: what Pillow's convert("L") computes. */
export function lumaOf([red, green, blue]: Rgb): number {
  return Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
}

const clamp = (value: number): number => Math.min(255, Math.max(0, value));
const rounded = (value: number): number => Math.floor(value / 65536 + 0.5);

/** JFIF's conversion (ITU-T T.871, 7), its factors in 1/65536. */
function rgbOf(y: number, u: number, v: number): Rgb {
  const [blueness, redness] = [u - 128, v - 128];
  return [
    clamp(y + rounded(91881 * redness)),
    clamp(y + rounded(-22554 * blueness - 46802 * redness)),
    clamp(y + rounded(116130 * blueness)),
  ];
}

/** The other way, to the nearest. */
function yuvOf(rgb: Rgb): Rgb {
  const [red, green, blue] = rgb;
  return [
    lumaOf(rgb),
    clamp(Math.round(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue)),
    clamp(Math.round(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue)),
  ];
}

function rgb565(constant: string, high: 0 | 1): Pixels {
  const color = (row: Uint8Array, x: number): Rgb => {
    const word = 256 * at(row, 2 * x + high) + at(row, 2 * x + 1 - high);
    const [red, green, blue] = [word >> 11, (word >> 5) & 63, word & 31];
    // Five and six bits repeat to fill eight.
    return [(red << 3) | (red >> 2), (green << 2) | (green >> 4), (blue << 3) | (blue >> 2)];
  };
  return {
    constant,
    bytes: 2,
    color,
    gray: (row, x) => lumaOf(color(row, x)),
    put: (row, x, [red, green, blue]) => {
      const word = ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3);
      row[2 * x + high] = word >> 8;
      row[2 * x + 1 - high] = word & 255;
    },
  };
}

/** `first` is the place of Y0 in the four bytes of two pixels. */
function yuv422(constant: string, first: 0 | 1): Pixels {
  const places = (x: number) => {
    const pair = 4 * Math.floor(x / 2);
    return { y: pair + first + 2 * (x % 2), u: pair + 1 - first, v: pair + 3 - first };
  };
  return {
    constant,
    bytes: 2,
    color: (row, x) => {
      const { y, u, v } = places(x);
      return rgbOf(at(row, y), at(row, u), at(row, v));
    },
    gray: (row, x) => at(row, places(x).y),
    put: (row, x, rgb) => {
      const place = places(x);
      const [y, u, v] = yuvOf(rgb);
      row[place.y] = y;
      if (x % 2 === 1) return;
      row[place.u] = u;
      row[place.v] = v;
    },
  };
}

export const PIXELS: Readonly<Record<PixelFormat, Pixels>> = {
  gray8: {
    constant: "TRITC_GRAY8",
    bytes: 1,
    color: (row, x) => [at(row, x), at(row, x), at(row, x)],
    gray: (row, x) => at(row, x),
    put: (row, x, rgb) => {
      row[x] = lumaOf(rgb);
    },
  },
  rgb888: {
    constant: "TRITC_RGB888",
    bytes: 3,
    color: (row, x) => [at(row, 3 * x), at(row, 3 * x + 1), at(row, 3 * x + 2)],
    gray: (row, x) => lumaOf([at(row, 3 * x), at(row, 3 * x + 1), at(row, 3 * x + 2)]),
    put: (row, x, rgb) => row.set(rgb, 3 * x),
  },
  rgb565le: rgb565("TRITC_RGB565LE", 1),
  rgb565be: rgb565("TRITC_RGB565BE", 0),
  yuyv: yuv422("TRITC_YUYV", 0),
  uyvy: yuv422("TRITC_UYVY", 1),
};

export function isPixelFormat(name: string): name is PixelFormat {
  return Object.hasOwn(PIXELS, name);
}

/** Pixels of a side: sums over a whole frame fit 32 bits. */
export const LARGEST_SIDE = 4096;

/** Bytes of a frame. */
export function frameBytes({ pixels, width, height }: FrameFormat): number {
  return PIXELS[pixels].bytes * width * height;
}
