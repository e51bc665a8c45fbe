import { asImage, type KerasTensor } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";

/** Sums, differences and products of tensors of one shape. */
function combine(kind: "add" | "sub" | "mul"): TranslateLayer {
  return (view) => {
    const { graph, origin } = view;
    const [first, ...others] = view.merged();
    if (first === undefined) return view.refuse("combines nothing");
    return others.reduce((all, other) => {
      if (`${all.shape}` !== `${other.shape}`) {
        view.refuse(`combines [${all.shape.join(", ")}] and [${other.shape.join(", ")}]`);
      }
      const [a, b] = alike(view, all, other);
      const node = { kind, origin, inputs: [a.flow.name, b.flow.name] } as const;
      return { ...a, flow: graph.emit(node, { shape: a.flow.shape, type: "real" }) };
    }, first);
  };
}

/** One after another along the channels. */
function concatenate(view: LayerView): KerasTensor {
  const { graph, origin } = view;
  const inputs = view.merged();
  const [first] = inputs;
  if (first === undefined) return view.refuse("joins nothing");
  const rank = first.shape.length;
  const axis = view.config.raw("axis") ?? -1;
  if (axis !== -1 && axis !== rank - 1)
    view.refuse(`joins along axis ${JSON.stringify(axis)}`, "Join along the last axis.");
  if (inputs.some(({ shape }) => `${shape.slice(0, -1)}` !== `${first.shape.slice(0, -1)}`)) {
    view.refuse("joins tensors that differ in more than their channels");
  }
  const image = inputs.some((tensor) => tensor.image);
  const alikes = inputs.map((tensor) =>
    image ? (asImage(graph, tensor, origin) ?? tensor) : tensor,
  );
  const channels = inputs.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
  const at = image ? 1 : rank - 1;
  const flowShape = (alikes[0]?.flow.shape ?? []).with(at, channels);
  const names = alikes.map(({ flow }) => flow.name);
  const flow = graph.emit(
    { kind: "concat", origin, inputs: names, axis: at },
    { shape: flowShape, type: "real" },
  );
  return { flow, shape: first.shape.with(-1, channels), image };
}

/** Both as images where one is. */
function alike(
  { graph, origin }: LayerView,
  a: KerasTensor,
  b: KerasTensor,
): [KerasTensor, KerasTensor] {
  if (a.image === b.image) return [a, b];
  return [asImage(graph, a, origin) ?? a, asImage(graph, b, origin) ?? b];
}

export const MERGING: Readonly<Record<string, TranslateLayer>> = {
  Add: combine("add"),
  Subtract: combine("sub"),
  Multiply: combine("mul"),
  Concatenate: concatenate,
};
