import {
  type ConvLayer,
  type ConvTransposeLayer,
  type DenseLayer,
  elementCount,
  type Layer,
  type MaxPoolLayer,
  type Network,
  type SumPoolLayer,
  tensorAt,
} from "../network/types.js";
import { elementwiseStep, productStep } from "./elementwise.js";
import { pointwiseStep, reduceStep, type TensorData } from "./float.js";
import { gatherStep, lookupStep } from "./moves.js";
import { PANEL_STEP, panelProduct, rowProduct } from "./product.js";
import { requantizer } from "./requantizer.js";
import { countTaps, forEachTap, forEachTransposedTap, forEachWindow } from "./windows.js";

/**
 * Runs a network: the definition of what the generated C must compute. Made once for a network; each
 * call runs one input.
 */
export interface Simulator {
  /**
   * @param input the network's input tensor, channels last, values in its range.
   * @returns the output tensor; overwritten by the next call.
   */
  run(input: ArrayLike<number>): TensorData;
  /** Every layer's output tensor of the last run, in the order of the layers. */
  trace(): readonly TensorData[];
}

export function createSimulator(network: Network): Simulator {
  const buffers = network.tensors.map((tensor) =>
    tensor.type === "float32"
      ? new Float32Array(elementCount(tensor))
      : new Int32Array(elementCount(tensor)),
  );
  const buffer = (id: number): TensorData => {
    const found = buffers[id];
    if (found === undefined) throw new RangeError(`no tensor ${id}`);
    return found;
  };
  const steps = network.layers.map((layer) => layerStep(layer, network, buffer));
  const input = buffer(network.input.tensor);
  const output = buffer(network.output.tensor);
  return {
    run(values) {
      if (values.length !== input.length) {
        throw new RangeError(`the input has ${values.length} elements, not ${input.length}`);
      }
      input.set(values);
      for (const step of steps) step();
      return output;
    },
    trace: () => network.layers.map((layer) => buffer(layer.output)),
  };
}

/** The elements of each tensor. */
export type Buffers = (id: number) => TensorData;

function layerStep(layer: Layer, network: Network, buffer: Buffers): () => void {
  switch (layer.kind) {
    case "conv":
    case "conv-transpose":
      return convStep(layer, network, buffer);
    case "dense":
      return denseStep(layer, buffer);
    case "sum-pool":
      return sumPoolStep(layer, network, buffer);
    case "max-pool":
      return maxPoolStep(layer, network, buffer);
    case "elementwise":
      return elementwiseStep(layer, network, buffer);
    case "product":
      return productStep(layer, network, buffer);
    case "gather":
      return gatherStep(layer, buffer);
    case "pointwise":
      return pointwiseStep(layer, layer.inputs.map(buffer), buffer(layer.output));
    case "reduce":
      return reduceStep(layer, layer.inputs.map(buffer), buffer(layer.output));
    case "lookup":
      return lookupStep(layer, buffer);
    default:
      return layer satisfies never;
  }
}

function denseStep(layer: DenseLayer, buffer: Buffers): () => void {
  const input = buffer(layer.input);
  const output = buffer(layer.output);
  const { perOutput, outputs } = layer.weights;
  const product = rowProduct(layer.weights);
  const requantize = requantizer(layer.requantization);
  const row = new Int32Array(perOutput);
  return () => {
    for (let position = 0; position < layer.positions; position++) {
      for (let k = 0; k < perOutput; k++) {
        row[k] = (input[position * perOutput + k] ?? 0) - layer.zero;
      }
      for (let o = 0; o < outputs; o++) {
        output[position * outputs + o] = requantize(product(o, row), o);
      }
    }
  };
}

/** A row of output positions at a time: the long inner loops are what makes this fast. */
function convStep(
  layer: ConvLayer | ConvTransposeLayer,
  network: Network,
  buffer: Buffers,
): () => void {
  const inputTensor = tensorAt(network, layer.input);
  const outputTensor = tensorAt(network, layer.output);
  const input = buffer(layer.input);
  const output = buffer(layer.output);
  const { perOutput, outputs } = layer.weights;
  const { width } = outputTensor;
  const groupInputs = inputTensor.channels / layer.groups;
  const groupOutputs = outputs / layer.groups;
  const product = panelProduct(layer.weights);
  const requantize = requantizer(layer.requantization);
  const taps = layer.kind === "conv" ? forEachTap : forEachTransposedTap;
  const stride = Math.ceil(width / PANEL_STEP) * PANEL_STEP;
  const panel = new Int32Array(perOutput * stride);
  const sums = new Int32Array(stride);
  const fill = (row: number, group: number): void => {
    panel.fill(0);
    taps(layer.window, inputTensor, width, row, (tap, column, at) => {
      const from = at * inputTensor.channels + group * groupInputs;
      for (let c = 0; c < groupInputs; c++) {
        panel[(tap * groupInputs + c) * stride + column] = (input[from + c] ?? 0) - layer.zero;
      }
    });
  };
  return () => {
    for (let row = 0; row < outputTensor.height; row++) {
      for (let group = 0; group < layer.groups; group++) {
        fill(row, group);
        for (let o = group * groupOutputs; o < (group + 1) * groupOutputs; o++) {
          product(o, panel, sums);
          for (let column = 0; column < width; column++) {
            output[(row * width + column) * outputs + o] = requantize(sums[column] ?? 0, o);
          }
        }
      }
    }
  };
}

function sumPoolStep(layer: SumPoolLayer, network: Network, buffer: Buffers): () => void {
  const inputTensor = tensorAt(network, layer.input);
  const outputTensor = tensorAt(network, layer.output);
  const input = buffer(layer.input);
  const output = buffer(layer.output);
  const { channels, height, width } = inputTensor;
  const { kernel, strides, dilations, pads } = layer.window;
  const { margins } = layer;
  const [down, across] = dilations;
  const requantize = requantizer(layer.requantization);
  const counted = (index: number): number => {
    const y = Math.floor(index / outputTensor.width) * strides[0] - pads.top;
    const x = (index % outputTensor.width) * strides[1] - pads.left;
    return (
      countTaps(y, kernel[0], down, [-margins.top, height + margins.bottom]) *
      countTaps(x, kernel[1], across, [-margins.left, width + margins.right])
    );
  };
  return () => {
    forEachWindow(layer.window, inputTensor, outputTensor, (place) => {
      const factor = layer.multiple === 0 ? 1 : layer.multiple / counted(place.index);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let y = place.top; y < place.bottom; y += down) {
          for (let x = place.left; x < place.right; x += across) {
            sum += (input[(y * width + x) * channels + c] ?? 0) - layer.zero;
          }
        }
        output[place.index * channels + c] = requantize(sum * factor, c);
      }
    });
  };
}

function maxPoolStep(layer: MaxPoolLayer, network: Network, buffer: Buffers): () => void {
  const inputTensor = tensorAt(network, layer.input);
  const outputTensor = tensorAt(network, layer.output);
  const input = buffer(layer.input);
  const output = buffer(layer.output);
  const { channels, width } = inputTensor;
  const [down, across] = layer.window.dilations;
  return () => {
    forEachWindow(layer.window, inputTensor, outputTensor, (place) => {
      for (let c = 0; c < channels; c++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let y = place.top; y < place.bottom; y += down) {
          for (let x = place.left; x < place.right; x += across) {
            largest = Math.max(largest, input[(y * width + x) * channels + c] ?? 0);
          }
        }
        output[place.index * channels + c] = largest;
      }
    });
  };
}
