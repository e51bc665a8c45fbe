"""Builds an ONNX model and, step by step, what it computes for a batch of calibration inputs.

Knowing the values makes realistic models without training: BatchNorm statistics are those of the
data, and quantiser scales are chosen so that activations spread over their range.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import reference

PEAK = 0.999  # The quantile of a tensor that a scale is made to reach; the rest saturates.


@dataclass
class Tensor:
    """A tensor of the model, with its value for the calibration batch."""

    name: str
    value: np.ndarray
    scale: np.float32 | None = None
    """Of one integer step, where the tensor comes straight from `requantize`."""


@dataclass
class Net:
    """One model in the making. Every method adds nodes and returns the tensor that comes out."""

    rng: np.random.Generator
    nodes: list = field(default_factory=list)
    initializers: list = field(default_factory=list)

    # --- Anything ---------------------------------------------------------------------------------

    def op(self, op_type: str, *inputs, domain: str = "", outputs: int = 1, **attributes) -> Tensor:
        """Adds a node. Inputs are tensors, or arrays that become initialisers."""
        tensors = [i if isinstance(i, Tensor) else self.constant(i) for i in inputs]
        name = f"{op_type}_{len(self.nodes)}"
        made = [f"{name.lower()}_{k}" for k in range(outputs)]
        names = [t.name for t in tensors]
        self.nodes.append(helper.make_node(op_type, names, made, name, domain=domain, **attributes))
        read_back = {a.name: helper.get_attribute_value(a) for a in self.nodes[-1].attribute}
        value = reference.evaluate(op_type, [t.value for t in tensors], read_back)
        return Tensor(made[-1], value)

    def constant(self, array) -> Tensor:
        """Adds an initialiser. Python floats are float32."""
        array = np.asarray(array)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(array, name))
        return Tensor(name, array)

    # --- Quantisers -------------------------------------------------------------------------------

    def dequantized_input(self, x: Tensor, scale=1 / 255) -> Tensor:
        """A uint8 or int8 input as reals."""
        return self.op("DequantizeLinear", x, np.float32(scale), x.value.dtype.type(0))

    def requantize(
        self, x: Tensor, *, dtype=np.uint8, scale=None, zero=None, power_of_two=False
    ) -> Tensor:
        """QuantizeLinear and DequantizeLinear; scale and zero point from the data unless given.

        uint8 starts at 0 (put a Relu in front); int8 covers the data from lowest to highest, so its
        zero point is rarely 0.
        """
        low = 0.0 if dtype == np.uint8 else min(0.0, np.quantile(x.value, 1 - PEAK))
        high = np.quantile(x.value, PEAK)
        scale = np.float32((high - low) / 255 if scale is None else scale)
        if power_of_two:
            scale = np.float32(2.0 ** np.ceil(np.log2(scale)))
        lowest = np.iinfo(dtype).min
        zero = dtype(np.clip(np.rint(lowest - low / scale), lowest, 127) if zero is None else zero)
        quantized = self.op("QuantizeLinear", x, scale, zero)
        require_spread(quantized.name, quantized.value, lowest, np.iinfo(dtype).max)
        return replace(self.op("DequantizeLinear", quantized, scale, zero), scale=scale)

    def relu_requantize(self, x: Tensor, **options) -> Tensor:
        return self.requantize(self.op("Relu", x), **options)

    # --- Weights ----------------------------------------------------------------------------------

    def trits(self, *shape: int, density: float = 0.6) -> np.ndarray:
        """Random -1, 0, +1, about `density` of them not 0."""
        signs = self.rng.choice([-1.0, 1.0], size=shape)
        return (signs * (self.rng.random(shape) < density)).astype(np.float32)

    def ternary(self, *shape: int, density: float = 0.6) -> np.ndarray:
        """Random -s, 0, +s, with s such that a sum varies about as much as its terms."""
        scale = np.float32(1 / np.sqrt(density * np.prod(shape[1:])))
        return self.trits(*shape, density=density) * scale

    # --- Layers -----------------------------------------------------------------------------------

    def conv(
        self, x: Tensor, weight, bias=None, *, stride=1, pads=0, group=1, **options
    ) -> Tensor:
        kernel = weight.value.shape[2:] if isinstance(weight, Tensor) else weight.shape[2:]
        pads = [pads] * 2 * len(kernel) if isinstance(pads, int) else list(pads)
        return self.op(
            "Conv",
            *(x, weight) if bias is None else (x, weight, bias),
            kernel_shape=list(kernel),
            strides=[stride] * len(kernel),
            pads=pads,
            group=group,
            **options,
        )

    def norm_parameters(self, x: Tensor, flips: int = 0) -> tuple[np.ndarray, ...]:
        """gamma, beta, mean, variance [channels]; the first `flips` gammas are negative."""
        axes = tuple(a for a in range(x.value.ndim) if a != 1)
        channels = x.value.shape[1]
        gamma = self.rng.uniform(0.6, 1.4, channels)
        gamma[:flips] *= -1
        beta = self.rng.uniform(-0.4, 0.6, channels)
        mean = x.value.mean(axis=axes)
        variance = x.value.var(axis=axes) + 1e-3
        return tuple(p.astype(np.float32) for p in (gamma, beta, mean, variance))

    def batch_norm(self, x: Tensor, *, flips: int = 0, parameters=None) -> Tensor:
        parameters = self.norm_parameters(x, flips) if parameters is None else parameters
        return self.op("BatchNormalization", x, *parameters, epsilon=1e-5)

    def conv_norm(self, x: Tensor, weight: np.ndarray, *, flips: int = 0, **options) -> Tensor:
        """Convolution with a BatchNormalization folded into its weights and bias."""
        trial = Net(self.rng).conv(x, weight, **options)
        gamma, beta, mean, variance = self.norm_parameters(trial, flips)
        factor = gamma / np.sqrt(variance + 1e-5)
        folded = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
        return self.conv(x, folded, beta - mean * factor, **options)

    def classifier(self, x: Tensor, classes: int = 10) -> Tensor:
        """Flatten and a ternary Gemm with a bias, as torch writes it."""
        flat = self.op("Flatten", x, axis=1)
        weight = self.ternary(classes, flat.value.shape[1])
        bias = self.rng.uniform(-0.5, 0.5, classes).astype(np.float32)
        return self.op("Gemm", flat, weight, bias, transB=1)

    def pooled_classifier(self, x: Tensor, classes: int = 10) -> Tensor:
        """Global average, 8 bits, classifier. The average of int8 maps is int8."""
        mean = self.op("GlobalAveragePool", x)
        dtype = np.int8 if mean.value.min() < 0 else np.uint8
        return self.classifier(self.requantize(mean, dtype=dtype), classes)

    # --- The file ---------------------------------------------------------------------------------

    def model(
        self, x: Tensor, y: Tensor, *, opset: int, domains=(), list_initializers=False
    ) -> onnx.ModelProto:
        def info(tensor: Tensor):
            is_float = np.issubdtype(tensor.value.dtype, np.floating)
            integer = helper.np_dtype_to_tensor_dtype
            kind = TensorProto.FLOAT if is_float else integer(tensor.value.dtype)
            return helper.make_tensor_value_info(tensor.name, kind, [1, *tensor.value.shape[1:]])

        inputs = [info(x)]
        if list_initializers:
            inputs += [
                helper.make_tensor_value_info(i.name, i.data_type, i.dims)
                for i in self.initializers
            ]
        graph = helper.make_graph(self.nodes, "main", inputs, [info(y)], self.initializers)
        imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
        return helper.make_model(
            graph, opset_imports=imports, ir_version=8, producer_name="tritc test models"
        )


def require_spread(name: str, values: np.ndarray, low: int, high: int, saturated=0.05) -> None:
    """A quantiser that saturates, or that uses a corner of its range, would test nothing."""
    top, levels = (values == high).mean(), len(np.unique(values))
    if top > saturated or levels < (high - low + 1) / 3:
        raise ValueError(f"{name}: {levels} levels in use, {top:.1%} saturated")


def images(rng: np.random.Generator, count: int, channels: int, height: int, width: int):
    """Smooth blobs of light with a little noise, uint8 [count, channels, height, width]."""
    rows, columns = np.mgrid[0:height, 0:width]
    scene = np.zeros((count, channels, height, width))
    for image in scene:
        image += rng.uniform(0.0, 0.4, (channels, 1, 1))
        for _ in range(4):
            y, x, size = (
                rng.uniform(0, height),
                rng.uniform(0, width),
                rng.uniform(0.1, 0.4) * width,
            )
            blob = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2))
            image += rng.uniform(-0.6, 1.0, (channels, 1, 1)) * blob
    scene += rng.normal(0, 0.03, scene.shape)
    return np.rint(np.clip(scene, 0, 1) * 255).astype(np.uint8)
