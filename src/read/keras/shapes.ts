import { sizeOf } from "../../graph/nodes.js";
import { isList } from "../json.js";
import { demandSize } from "../onnx/tensor.js";
import { type KerasTensor, reshaped } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";
import { addPads, NO_PADS, pair } from "./windows.js";

function toShape(view: LayerView, shape: readonly number[]): KerasTensor {
  const x = view.plain();
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    view.refuse(`makes [${shape.join(", ")}] of [${x.shape.join(", ")}], which has another size`);
  }
  return { flow: reshaped(view.graph, x.flow, shape, view.origin), shape, image: false };
}

function reshape(view: LayerView): KerasTensor {
  const input = view.input();
  const target = view.config.list("target_shape").map((extent) => Number(extent));
  const rest = target.filter((extent) => extent !== -1);
  const open = sizeOf(input.shape) / sizeOf(rest);
  const shape = [1, ...target.map((extent) => (extent === -1 ? open : extent))];
  const whole = shape.every((extent) => Number.isSafeInteger(extent) && extent > 0);
  if (!whole || target.length - rest.length > 1)
    view.refuse(`makes the shape [${target.join(", ")}]`);
  return toShape(view, shape);
}

function permute(view: LayerView): KerasTensor {
  const x = view.plain();
  const dims = view.config.list("dims").map((axis) => Number(axis));
  const permutation = [0, ...dims];
  const expected = x.shape.map((_, axis) => axis);
  if (`${permutation.toSorted((a, b) => a - b)}` !== `${expected}`)
    view.refuse(`permutes [${dims.join(", ")}]`);
  const shape = permutation.map((axis) => x.shape[axis] ?? 1);
  const node = { kind: "transpose", origin: view.origin, input: x.flow.name, permutation } as const;
  return { flow: view.graph.emit(node, { shape, type: x.flow.type }), shape, image: false };
}

/** Padding as a number, one for each axis, or two for each. */
function zeroPadding(axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.padded(axes);
    const written = view.config.raw("padding") ?? 1;
    const sides = isList(written) ? written : new Array(axes).fill(written);
    // A signal's list of two numbers is begin and end; an image's may be one number for each axis.
    const list = axes === 1 && isList(written) && written.length === 2 ? [written] : sides;
    const pads = list.flatMap((side) =>
      isList(side) ? side.map(Number) : [Number(side), Number(side)],
    );
    if (pads.length !== 2 * axes || !pads.every((pad) => Number.isSafeInteger(pad) && pad >= 0)) {
      view.refuse(`has padding ${JSON.stringify(written)}`);
    }
    const [a = 0, b = 0, c = 0, d = 0] = pads;
    const around =
      axes === 1 ? { ...NO_PADS, left: a, right: b } : { top: a, bottom: b, left: c, right: d };
    const total = addPads(image.pads ?? NO_PADS, around);
    const [, , height = 1, width = 1] = image.flow.shape;
    demandSize(
      [height + total.top + total.bottom, width + total.left + total.right],
      view.origin.name,
    );
    return { ...image, pads: total };
  };
}

/** Each pixel several times over: nearest neighbours by whole factors. */
function upSampling(axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.image(axes);
    if (axes === 2 && view.config.text("interpolation", "nearest") !== "nearest") {
      view.refuse("interpolates", "Use interpolation='nearest'.");
    }
    const { origin, graph } = view;
    const [up, along] = pair(view, "size", axes, 1, 2);
    const [, channels = 1, height = 1, width = 1] = image.flow.shape;
    const shape = [1, channels, height * up, width * along];
    demandSize(shape, origin.name);
    const repeated = (extent: number, factor: number): Int32Array =>
      Int32Array.from({ length: extent * factor }, (_, i) => Math.floor(i / factor));
    const indices = [null, null, repeated(height, up), repeated(width, along)];
    const node = { kind: "gather", origin, input: image.flow.name, indices, fill: 0 } as const;
    const flow = graph.emit(node, { shape, type: "real" });
    const own =
      axes === 1 ? [1, width * along, channels] : [1, height * up, width * along, channels];
    return { flow, shape: own, image: true };
  };
}

export const SHAPES: Readonly<Record<string, TranslateLayer>> = {
  Flatten: (view) => toShape(view, [1, sizeOf(view.input().shape)]),
  Reshape: reshape,
  Permute: permute,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
};
