import type { Network } from "../../src/network/types.js";
import { type ConvShape, type Draw, ModelBuilder } from "./draw.js";

/** A whole network that a peer's figures are known of; its id is its key in networks.json. */
export interface Case {
  readonly id: string;
  readonly build: (draw: Draw) => Network;
}

/** An input of all of int8, ReLUs between, scores of all of int8. */
export const NETWORKS: readonly Case[] = [
  { id: "mlp", build: (draw) => perceptron(draw, [784, 256, 128, 10]) },
  { id: "cnn28", build: cnn28 },
  {
    id: "fc_autoencoder_ad",
    build: (draw) => perceptron(draw, [640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640]),
  },
  { id: "dscnn_kws", build: dscnn },
  { id: "mobilenetv1_025_vww", build: mobilenet },
  { id: "resnet8_ic", build: resnet },
];

function perceptron(draw: Draw, widths: readonly number[]): Network {
  const [inputs = 1, ...outputs] = widths;
  const model = new ModelBuilder([inputs], draw);
  let at = model.input(false);
  outputs.forEach((width, i) => {
    at = model.dense(`fc${i + 1}`, at, width, i + 1 < outputs.length);
  });
  return model.build();
}

const CONV3: Omit<ConvShape, "outputs"> = { kernel: [3, 3], pads: [1, 1, 1, 1] };
/** Padding "same" of an even extent. */
const HALVING3: Omit<ConvShape, "outputs"> = {
  ...{ kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
};

function cnn28(draw: Draw): Network {
  const model = new ModelBuilder([1, 28, 28], draw);
  let at = model.conv("conv1", model.input(false), { ...CONV3, outputs: 16 });
  at = model.maxPool("maxpool1", at, 2);
  at = model.conv("conv2", at, { ...CONV3, outputs: 32 });
  at = model.maxPool("maxpool2", at, 2);
  at = model.conv("conv3", at, { ...CONV3, outputs: 48 });
  model.dense("fc", model.globalAverage("avgpool", at), 10, false);
  return model.build();
}

function dscnn(draw: Draw): Network {
  const model = new ModelBuilder([1, 49, 10], draw);
  let at = model.conv("conv1", model.input(false), {
    ...{ outputs: 64, kernel: [10, 4], strides: [2, 2], pads: [4, 1, 5, 1] },
  });
  for (let i = 1; i <= 4; i++) {
    at = model.conv(`dw${i}`, at, { ...CONV3, outputs: 64, depthwise: true });
    at = model.conv(`pw${i}`, at, { outputs: 64 });
  }
  model.dense("fc", model.globalAverage("avgpool", at), 12, false);
  return model.build();
}

/** Output channels of each depthwise-separable block, and whether it halves the picture. */
const BLOCKS: readonly (readonly [outputs: number, halving: boolean])[] = [
  ...([
    [16, false],
    [32, true],
    [32, false],
    [64, true],
    [64, false],
    [128, true],
  ] as const),
  ...Array.from({ length: 5 }, () => [128, false] as const),
  [256, true],
  [256, false],
];

function mobilenet(draw: Draw): Network {
  const model = new ModelBuilder([3, 96, 96], draw);
  let at = model.conv("conv1", model.input(false), { ...HALVING3, outputs: 8 });
  let channels = 8;
  BLOCKS.forEach(([outputs, halving], i) => {
    const window = halving ? HALVING3 : CONV3;
    at = model.conv(`dw${i + 1}`, at, { ...window, outputs: channels, depthwise: true });
    at = model.conv(`pw${i + 1}`, at, { outputs });
    channels = outputs;
  });
  model.dense("fc", model.globalAverage("avgpool", at), 2, false);
  return model.build();
}

function resnet(draw: Draw): Network {
  const model = new ModelBuilder([3, 32, 32], draw);
  let at = model.conv("conv1", model.input(false), { ...CONV3, outputs: 16 });
  for (const [stage, outputs] of [
    [1, 16],
    [2, 32],
    [3, 64],
  ] as const) {
    const name = `s${stage}`;
    const first = model.conv(`${name}_conv1`, at, {
      ...(stage === 1 ? CONV3 : HALVING3),
      outputs,
    });
    const branch = model.conv(`${name}_conv2`, first, { ...CONV3, outputs }, false);
    const shortcut =
      stage === 1 ? at : model.conv(`${name}_short1x1`, at, { outputs, strides: [2, 2] }, false);
    at = model.sum(`${name}_add`, branch, shortcut);
  }
  model.dense("fc", model.globalAverage("avgpool", at), 10, false);
  return model.build();
}
