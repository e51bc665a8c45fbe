"""A second opinion: the operators of the test models in float64, written from their specifications.

float64 holds every product of an integer and a float32 scale exactly, so what a quantiser decides
here is what exact arithmetic decides. onnxruntime works in float32: where the two disagree, float32
rounding moved a value across a break point, and the input vector proves nothing about a compiler.
"""

import math

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import numpy_helper


def along(parameter, axis, rank):
    """A scalar as it is, a vector shaped so that it runs along `axis`."""
    parameter = np.asarray(parameter)
    if parameter.size == 1:
        return parameter.reshape(())
    shape = [1] * rank
    shape[axis] = -1
    return parameter.reshape(shape)


def windows(x, kernel, strides, pads, fill, dilations=(1, 1)):
    """[N, C, rows out, columns out, kernel rows, kernel columns]; pads: top left bottom right."""
    top, left, bottom, right = pads
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    span = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    every = sliding_window_view(padded, span, axis=(2, 3))
    return every[:, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]]


def on_signals(operator):
    """The operator on images, also for signals [N, C, length]: images of height 1."""

    def either(x, *weight_and_bias, **attributes):
        if x.ndim == 4:
            return operator(x, *weight_and_bias, **attributes)
        weights = [w[:, :, np.newaxis] if w.ndim == 3 else w for w in weight_and_bias]
        besides = {"kernel_shape": [1], "strides": [1], "dilations": [1]}
        flat = {k: [*besides[k], *v] if k in besides else v for k, v in attributes.items()}
        if "pads" in attributes:
            left, right = attributes["pads"]
            flat["pads"] = (0, left, 0, right)
        return operator(x[:, :, np.newaxis], *weights, **flat)[:, :, 0]

    return either


def conv(
    x, weight, bias=None, *, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1, **_
):
    taps = windows(x, weight.shape[2:], strides, pads, 0.0, dilations)
    x_parts, w_parts = np.split(taps, group, axis=1), np.split(weight, group, axis=0)
    pairs = zip(x_parts, w_parts, strict=True)
    parts = [np.einsum("nchwij,ocij->nohw", a, b, optimize=True) for a, b in pairs]
    y = np.concatenate(parts, axis=1)
    return y if bias is None else y + along(bias, 1, 4)


def max_pool(x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), **_):
    return windows(x, kernel_shape, strides, pads, -np.inf, dilations).max(axis=(4, 5))


def average_pool(
    x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), count_include_pad=0,
    ceil_mode=0, **_,
):  # fmt: skip
    """What `ceil_mode` lets a window reach beyond the padding is neither summed nor counted."""
    outside = 1.0 if count_include_pad else 0.0
    top, left, bottom, right = pads
    ends = ((0, 0), (0, 0), (top, bottom), (left, right))
    ones = np.pad(np.ones_like(x), ends, constant_values=outside)
    padded = np.pad(x, ends)
    over = [0, 0]
    for axis in range(2 if ceil_mode else 0):
        span = (kernel_shape[axis] - 1) * dilations[axis] + 1
        extent, begin = padded.shape[axis + 2], pads[axis]
        steps = -(-(extent - span) // strides[axis])
        if steps * strides[axis] >= x.shape[axis + 2] + begin:
            steps -= 1
        over[axis] = max(0, steps * strides[axis] + span - extent)
    hang = (0, 0, *over)
    counted = windows(ones, kernel_shape, strides, hang, 0.0, dilations).sum(axis=(4, 5))
    return windows(padded, kernel_shape, strides, hang, 0.0, dilations).sum(axis=(4, 5)) / counted


def gemm(a, b, c=0.0, *, alpha=1.0, beta=1.0, transA=0, transB=0):
    return alpha * ((a.T if transA else a) @ (b.T if transB else b)) + beta * np.asarray(c)


def batch_norm(x, gamma, beta, mean, variance, *, epsilon=1e-5, **_):
    gamma, beta, mean, variance = (along(p, 1, x.ndim) for p in (gamma, beta, mean, variance))
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def quantize_linear(x, scale, zero, *, axis=1, **_):
    limits = np.iinfo(zero.dtype)
    steps = np.rint(x / along(scale, axis, x.ndim)) + along(zero, axis, x.ndim).astype(np.float64)
    return np.clip(steps, limits.min, limits.max).astype(zero.dtype)


def dequantize_linear(q, scale, zero=0, *, axis=1, **_):
    centred = q.astype(np.float64) - along(zero, axis, q.ndim).astype(np.float64)
    return centred * along(scale, axis, q.ndim)


ROUNDING = {"ROUND": np.rint, "FLOOR": np.floor, "CEIL": np.ceil, "DOWN": np.trunc}


def quant(x, scale, zero, bits, *, signed=1, narrow=0, rounding_mode=b"ROUND"):
    """QONNX Quant: clip, then round, both with the zero point already added."""
    bits = int(np.asarray(bits).item())
    if signed:
        low, high = -(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1
    else:
        low, high = 0, 2**bits - 1 - narrow
    steps = ROUNDING[rounding_mode.decode()](np.clip(x / scale + zero, low, high))
    return (steps - zero) * scale


def bipolar_quant(x, scale):
    return np.where(x >= 0, 1.0, -1.0) * scale


def multi_threshold(x, thresholds, *, out_scale=1.0, out_bias=0.0, data_layout=b"NCHW", **_):
    axis = data_layout.index(b"C")
    reached = np.moveaxis(x, axis, -1)[..., np.newaxis] >= thresholds
    return np.moveaxis(reached.sum(axis=-1), -1, axis) * out_scale + out_bias


def reduce_mean(x, axes_input=None, *, axes=None, keepdims=1, **_):
    chosen = axes if axes_input is None else [int(axis) for axis in axes_input]
    return x.mean(axis=tuple(chosen), keepdims=bool(keepdims))


def reshape(x, shape, **_):
    return x.reshape([x.shape[i] if d == 0 else int(d) for i, d in enumerate(shape)])


def unsqueeze(x, axes_input=None, *, axes=None):
    chosen = axes if axes_input is None else axes_input
    return np.expand_dims(x, tuple(int(axis) for axis in chosen))


def softmax(x, *, axis=-1):
    exponent = np.exp(x - x.max(axis=axis, keepdims=True))
    return exponent / exponent.sum(axis=axis, keepdims=True)


def argmax(x, *, axis=0, keepdims=1, **_):
    return np.argmax(x, axis=axis, keepdims=bool(keepdims))


def topk_indices(x, k, *, axis=-1, **_):
    return np.argsort(-x, axis=axis, kind="stable")[..., : int(np.asarray(k).item())]


def cast(x, *, to):
    return x.astype(np.float64) if to == onnx.TensorProto.FLOAT else x.astype(np.int64)


def conv_transpose(
    x, weight, bias=None, *, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1,
    output_padding=(0, 0), **_,
):  # fmt: skip
    """Every input element adds the kernel, times itself, to the output around its place."""
    images, channels, height, width = x.shape
    _, per_group, rows, columns = weight.shape
    tall = (height - 1) * strides[0] + (rows - 1) * dilations[0] + 1 + output_padding[0]
    wide = (width - 1) * strides[1] + (columns - 1) * dilations[1] + 1 + output_padding[1]
    y = np.zeros((images, per_group * group, tall, wide))
    for part in range(group):
        own = slice(part * channels // group, (part + 1) * channels // group)
        out = slice(part * per_group, (part + 1) * per_group)
        for i in range(rows):
            for j in range(columns):
                added = np.einsum("nchw,co->nohw", x[:, own], weight[own, :, i, j])
                top, left = i * dilations[0], j * dilations[1]
                y[:, out, top : top + height * strides[0] : strides[0],
                  left : left + width * strides[1] : strides[1]] += added  # fmt: skip
    y = y[:, :, pads[0] : tall - pads[2], pads[1] : wide - pads[3]]
    return y if bias is None else y + along(bias, 1, 4)


def erf(x):
    return np.vectorize(math.erf)(x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def pad(x, pads, value=0.0, *, mode=b"constant"):
    pads = np.asarray(pads).astype(int)
    ends = list(zip(pads[: x.ndim], pads[x.ndim :], strict=True))
    if mode == b"constant":
        return np.pad(x, ends, constant_values=float(np.asarray(value)))
    return np.pad(x, ends, mode=mode.decode())


def resize(x, _roi, scales, **_):
    """Nearest, by whole factors."""
    for axis, factor in enumerate(np.asarray(scales)):
        x = np.repeat(x, int(factor), axis=axis)
    return x


def slices(x, starts, ends, axes, steps):
    chosen = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = int(end) if int(end) > -x.shape[int(axis)] - 1 else None
        chosen[int(axis)] = slice(int(start), stop, int(step))
    return x[tuple(chosen)]


OPERATORS = {
    "Abs": np.abs,
    "Add": lambda a, b: a + b,
    "ArgMax": argmax,
    "AveragePool": on_signals(average_pool),
    "BatchNormalization": batch_norm,
    "BipolarQuant": bipolar_quant,
    "Cast": cast,
    "Clip": lambda x, low=-np.inf, high=np.inf: np.clip(x, low, high),
    "Concat": lambda *parts, axis: np.concatenate(parts, axis=axis),
    "Conv": on_signals(conv),
    "ConvTranspose": conv_transpose,
    "DequantizeLinear": dequantize_linear,
    "Div": lambda a, b: a / b,
    "Dropout": lambda x, *_, **__: x,
    "ConstantOfShape": lambda shape, *, value: np.full(shape, numpy_helper.to_array(value)[0]),
    "Erf": erf,
    "Flatten": lambda x, axis=1: x.reshape(int(np.prod(x.shape[:axis])), -1),
    "Gather": lambda x, index, axis=0: np.take(x, np.asarray(index), axis=axis),
    "Gelu": lambda x: x / 2 * (1 + erf(x / np.sqrt(2))),
    "Gemm": gemm,
    "GlobalAveragePool": lambda x: x.mean(axis=tuple(range(2, x.ndim)), keepdims=True),
    "GreaterOrEqual": lambda a, b: a >= b,
    "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "Identity": lambda x: x,
    "IntQuant": quant,
    "LeakyRelu": lambda x, alpha=0.01: np.where(x < 0, alpha * x, x),
    "LessOrEqual": lambda a, b: a <= b,
    "MatMul": lambda a, b: a @ b,
    "Max": np.maximum,
    "MaxPool": on_signals(max_pool),
    "Min": np.minimum,
    "Mul": lambda a, b: a * b,
    "MultiThreshold": multi_threshold,
    "Pad": pad,
    "Neg": np.negative,
    "Not": np.logical_not,
    "PRelu": lambda x, slope: np.where(x < 0, slope * x, x),
    "Pow": lambda a, b: a**b,
    "Quant": quant,
    "QuantizeLinear": quantize_linear,
    "ReduceMean": reduce_mean,
    "ReduceMax": lambda x, *, axes, keepdims=1: x.max(axis=tuple(axes), keepdims=bool(keepdims)),
    "Relu": lambda x: np.maximum(x, 0.0),
    "Reshape": reshape,
    "Resize": resize,
    "Round": np.round,
    "Shape": lambda x: np.array(x.shape, dtype=np.int64),
    "Sigmoid": sigmoid,
    "Sign": np.sign,
    "Slice": slices,
    "Softmax": softmax,
    "Sqrt": np.sqrt,
    "Squeeze": lambda x, *, axes: np.squeeze(x, tuple(axes)),
    "Sub": lambda a, b: a - b,
    "Tanh": np.tanh,
    "TopK": topk_indices,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Unsqueeze": unsqueeze,
}


def widen(value):
    """Floats to float64, everything else untouched."""
    value = np.asarray(value)
    return value.astype(np.float64) if value.dtype == np.float32 else value


def evaluate(op, inputs, attributes):
    return OPERATORS[op](*(widen(value) for value in inputs), **attributes)


def run(model: onnx.ModelProto, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every tensor of the model for one input."""
    graph = model.graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    feed = next(i.name for i in graph.input if i.name not in tensors)
    tensors[feed] = x
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [tensors[name] for name in node.input if name]
        # A TopK's first output, the values, is not used by any of these models.
        output = node.output[1] if node.op_type == "TopK" else node.output[0]
        tensors[output] = evaluate(node.op_type, inputs, attributes)
    return tensors
