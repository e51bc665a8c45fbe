import type { Network } from "../../src/network/types.js";
import { type Draw, ModelBuilder } from "./draw.js";

/** A layer of a shape that a peer's figures are known of. */
export interface Shape {
  /** Short: what `--shape` matches. */
  readonly id: string;
  readonly kind: "dense" | "conv" | "first-conv" | "pointwise" | "depthwise";
  /** Its key in peers.json. */
  readonly peer: string;
  readonly build: (draw: Draw) => Network;
}

export const SHAPES: readonly Shape[] = [
  dense(784, 256),
  dense(256, 128),
  dense(640, 128),
  dense(128, 10),
  conv("first-conv", 3, 32, 3, 32),
  conv("conv", 3, 16, 32, 32),
  conv("conv", 3, 8, 64, 64),
  conv("pointwise", 1, 24, 16, 32),
  conv("pointwise", 1, 12, 64, 64),
  conv("depthwise", 3, 24, 32, 32),
];

function dense(inputs: number, outputs: number): Shape {
  return {
    id: `fc_${inputs}x${outputs}`,
    kind: "dense",
    peer: `fc_s8_${inputs}x${outputs}`,
    build: (draw) => {
      const model = new ModelBuilder([inputs], draw);
      model.dense("dense", model.input(draw.relu), outputs);
      return model.build();
    },
  };
}

function conv(
  kind: "conv" | "first-conv" | "pointwise" | "depthwise",
  kernel: number,
  size: number,
  inputs: number,
  outputs: number,
): Shape {
  const pad = (kernel - 1) / 2;
  const extent = `${size}x${size}x${inputs}`;
  const depthwise = kind === "depthwise";
  const name = depthwise ? "dw" : "conv";
  return {
    id: `${name}${kernel}x${kernel}_${size}`,
    kind,
    peer: depthwise
      ? `dw${kernel}x${kernel}_s8_${extent}`
      : `conv${kernel}x${kernel}_s8_${extent}->${outputs}`,
    build: (draw) => {
      const model = new ModelBuilder([inputs, size, size], draw);
      model.conv(name, model.input(draw.relu), {
        ...{ outputs, depthwise, kernel: [kernel, kernel], pads: [pad, pad, pad, pad] },
      });
      return model.build();
    },
  };
}
