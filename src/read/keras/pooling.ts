import type { KerasTensor } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";
import { pair, slide, squeezed, wholeWindow, windowOf } from "./windows.js";

function pool(kind: "maxPool" | "averagePool", axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.image(axes);
    const quantizer = view.config.raw("average_quantizer");
    if (quantizer !== undefined) view.refuse("has an average_quantizer", "Set it to None.");
    const kernel = pair(view, "pool_size", axes, 1, 2);
    const strides =
      view.config.raw("strides") === undefined ? kernel : pair(view, "strides", axes, 1);
    return pooled(view, image, kind, windowOf(view, kernel, image, axes, strides));
  };
}

function globalPool(kind: "maxPool" | "averagePool", axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.image(axes);
    return squeezed(view, pooled(view, image, kind, wholeWindow(image)));
  };
}

/** Keras leaves padding out of averages. */
function pooled(
  view: LayerView,
  image: KerasTensor,
  kind: "maxPool" | "averagePool",
  window: ReturnType<typeof wholeWindow>,
): KerasTensor {
  const { origin } = view;
  return slide(view, image, image.flow.shape[1] ?? 1, window, (input) =>
    kind === "maxPool"
      ? { kind, origin, input, window }
      : { kind, origin, input, window, countPadding: false, overhang: [0, 0] },
  );
}

export const POOLING: Readonly<Record<string, TranslateLayer>> = {
  MaxPooling1D: pool("maxPool", 1),
  MaxPooling2D: pool("maxPool", 2),
  AveragePooling1D: pool("averagePool", 1),
  AveragePooling2D: pool("averagePool", 2),
  QAveragePooling2D: pool("averagePool", 2),
  GlobalMaxPooling1D: globalPool("maxPool", 1),
  GlobalMaxPooling2D: globalPool("maxPool", 2),
  GlobalAveragePooling1D: globalPool("averagePool", 1),
  GlobalAveragePooling2D: globalPool("averagePool", 2),
  QGlobalAveragePooling2D: globalPool("averagePool", 2),
};
