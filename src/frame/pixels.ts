import { fail } from "../diagnostics.js";
import { roundHalfEven } from "../graph/rounding.js";
import {
  type InputEncoding,
  integerTensor,
  type Network,
  type StorageType,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import { elementEncoder } from "../simulate/codec.js";
import * as say from "./diagnostics.js";
import { type Picture, pictureOf } from "./picture.js";

/**
 * How training made numbers of a picture's 8-bit values: `(value * scale - mean) / std`, each operation
 * rounded to float32, as torchvision's ToTensor and Normalize do.
 */
export interface Normalisation {
  /** A quotient, so that 1/255 divides by 255. */
  readonly scale: { readonly numerator: number; readonly denominator: number };
  /** One number for all channels, or one for each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A picture and what its 8-bit values become. */
export interface FrameInput {
  readonly picture: Picture;
  readonly type: StorageType;
  /** 256 numbers of the network's input for all channels, or for each. */
  readonly tables: readonly ArrayLike<number>[];
  /** For people: what the tables compute of an 8-bit value v. */
  readonly rule: string;
}

const PLAIN: Normalisation = {
  scale: { numerator: 1, denominator: 255 },
  mean: [0],
  std: [1],
};

/**
 * What makes the network's input of a picture. Without a normalisation, a network of real numbers is
 * given v / 255, and one of integers v itself or, where it takes -128 to 127, v - 128.
 * Throws `usage/no-picture`, `usage/pixel-channels`, `usage/pixel-range`, `usage/pixel-encoding`.
 */
export function frameInputOf(network: Network, stated: Normalisation | null): FrameInput {
  const picture = pictureOf(network);
  const tensor = tensorAt(network, network.input.tensor);
  const normalisation = stated ?? PLAIN;
  for (const list of [normalisation.mean, normalisation.std]) {
    if (list.length !== 1 && list.length !== picture.channels) {
      fail(say.pixelChannels(list.length, picture.channels));
    }
  }
  const { encoding } = network.input;
  const plain = encoding.kind === "integer" && stated === null;
  const values = plain
    ? shifted(tensor)
    : { encode: encoderOf(network, picture, normalisation), rule: ruleOf(normalisation, encoding) };
  const tables = Array.from({ length: picture.channels }, (_, channel) =>
    Array.from({ length: 256 }, (_, value) => values.encode(value, channel)),
  );
  const [first = []] = tables;
  const same = tables.every((table) => table.every((value, i) => value === first[i]));
  return { picture, type: tensor.type, tables: same ? [first] : tables, rule: values.rule };
}

type Encode = (value: number, channel: number) => number;

/** The network's integers are the values themselves, or those around zero. */
function shifted(tensor: Tensor): { readonly encode: Encode; readonly rule: string } {
  const { low, high } = integerTensor(tensor).range;
  const shift = [0, 128].find((by) => low <= -by && high >= 255 - by);
  if (shift === undefined) return fail(say.pixelRange(low, high));
  return { encode: (value) => value - shift, rule: shift === 0 ? "v" : `v - ${shift}` };
}

function encoderOf(network: Network, picture: Picture, normalisation: Normalisation): Encode {
  const tensor = tensorAt(network, network.input.tensor);
  const { encoding } = network.input;
  const real: Encode = (value, channel) => normalised(normalisation, value, channel);
  if (encoding.kind === "integer") {
    const { low, high } = integerTensor(tensor).range;
    const scale = encoding.scale ?? 1;
    return (value, channel) => {
      const step = roundHalfEven(Math.fround(real(value, channel) / scale));
      return Math.min(high, Math.max(low, step + encoding.zero));
    };
  }
  const own = channelsOf(encoding, picture, tensor.channels);
  const encode = elementEncoder(encoding, tensor);
  return (value, channel) => encode(real(value, channel), own[channel] ?? 0, value);
}

/** For each channel of the picture, the channel of the tensor whose break points encode it. */
function channelsOf(encoding: InputEncoding, picture: Picture, channels: number): number[] {
  const { strides, height, width } = picture;
  const own = Array.from({ length: picture.channels }, (_, c) => (c * strides.channel) % channels);
  if (encoding.kind !== "real" || encoding.breaks.length === 1) return own;
  const apart = (stride: number, length: number) => length > 1 && stride % channels !== 0;
  if (apart(strides.row, height) || apart(strides.column, width)) fail(say.pixelEncoding());
  return own;
}

function normalised({ scale, mean, std }: Normalisation, value: number, channel: number): number {
  const of = (list: readonly number[]) => Math.fround(list[list.length === 1 ? 0 : channel] ?? 0);
  const scaled = Math.fround((value * scale.numerator) / scale.denominator);
  return Math.fround(Math.fround(scaled - of(mean)) / of(std));
}

function ruleOf({ scale, mean, std }: Normalisation, encoding: InputEncoding): string {
  const { numerator, denominator } = scale;
  const scaled = `v${numerator === 1 ? "" : ` * ${numerator}`}${denominator === 1 ? "" : ` / ${denominator}`}`;
  const plain = mean.every((m) => m === 0) && std.every((s) => s === 1);
  const list = (numbers: readonly number[]) =>
    numbers.length === 1 ? `${numbers[0]}` : `[${numbers.join(", ")}]`;
  const x = plain ? scaled : `(${scaled} - ${list(mean)}) / ${list(std)}`;
  switch (encoding.kind) {
    case "float32":
      return x;
    case "integer":
      return `round(x / ${encoding.scale ?? 1}) + ${encoding.zero} of x = ${x}`;
    case "real":
      return `${encoding.formula} of x = ${x}`;
    default:
      return encoding satisfies never;
  }
}
