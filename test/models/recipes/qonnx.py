"""QONNX: Quant, IntQuant and BipolarQuant nodes as Brevitas and the model zoo write them, and the
MultiThreshold nodes that FINN makes of them."""

import numpy as np

from .builder import Net, Tensor, require_spread
from .fixture import fixture

QONNX, BREVITAS, FINN = "qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"


def quant(
    net: Net, x, scale, bits, *, signed=1, narrow=0, zero=0.0, rounding="ROUND", op="Quant",
    domain=QONNX, integers=np.float32,
) -> Tensor:  # fmt: skip
    """A Quant node. Zero point and bit width are scalars of the type `integers`."""
    attributes = {"signed": signed, "narrow": narrow, "rounding_mode": rounding}
    return net.op(op, x, scale, integers(zero), integers(bits), domain=domain, **attributes)


def levels(net: Net, x: Tensor, scale: float, bits: int, *, signed=1, narrow=0, **options):
    """A Quant node for activations, whose levels are all in use."""
    y = quant(net, x, scale, bits, signed=signed, narrow=narrow, **options)
    steps = np.rint(y.value / scale)
    require_spread(y.name, steps, int(steps.min()), 2 ** (bits - signed) - 1, saturated=0.5)
    return y


def bipolar(net: Net, x, scale=1.0, domain=QONNX) -> Tensor:
    return net.op("BipolarQuant", x, np.float32(scale), domain=domain)


def tensor_norm(net: Net, x: Tensor) -> Tensor:
    """Brevitas' TensorNorm, a BatchNorm with one statistic for the whole tensor."""
    x = net.op("Sub", x, np.array([x.value.mean()]))
    deviation = net.op("Pow", np.array([x.value.var()]), np.float32(0.5))
    x = net.op("Mul", net.op("Div", x, deviation), np.array([0.76]))
    return net.op("Add", x, np.array([-1.16]))


def centred_input(net: Net, x: Tensor) -> Tensor:
    """Pixels in [0, 1] to 8 signed bits in [-1, 1)."""
    x = net.op("Sub", net.op("Mul", x, np.float32(2)), np.array([1.0]))
    return quant(net, x, 1 / 128, 8)


def latent(net: Net, *shape: int) -> np.ndarray:
    return net.rng.normal(0, 0.5, shape).astype(np.float32)


@fixture(3, 16, 16, dtype=np.float32, divisor=255, opset=11, runtime="qonnx", vectors=8)
def qonnx_cnv_1w1a(net, x):
    """The zoo's CNV in small: 2x - 1 and 8 bits at the input, binary weights, no padding,
    BatchNorm, BipolarQuant, MaxPool after it (an OR), dense layers through Transpose, a scalar
    norm at the end; no opset import for the custom domain."""
    x = centred_input(net, x)
    for index, width in enumerate((8, 8, 12, 12)):
        weight = bipolar(net, latent(net, width, x.value.shape[1], 3, 3))
        x = bipolar(net, net.batch_norm(net.conv(x, weight), flips=3))
        if index % 2:
            x = net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.op("Flatten", x, axis=1)
    weight = bipolar(net, latent(net, 20, 12))
    x = net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))
    x = bipolar(net, net.batch_norm(x, flips=4))
    weight = bipolar(net, latent(net, 10, 20))
    return tensor_norm(net, net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0])))


@fixture(1, 10, 10, dtype=np.float32, divisor=255, opset=9, runtime="qonnx", list_initializers=True)
def qonnx_2w2a(net, x):
    """Ternary twice: 2-bit narrow weights with a scale, 2-bit narrow activations, which have two
    thresholds each. Domain onnx.brevitas without an opset import, initialisers listed as inputs."""
    options = {"narrow": 1, "domain": BREVITAS}
    x = net.op("Sub", net.op("Mul", x, np.float32(2)), np.array([1.0]))
    x = levels(net, x, 0.5, 2, **options)
    for width, scale in ((8, 0.91), (12, 0.83)):
        weight = quant(net, latent(net, width, x.value.shape[1], 3, 3), 0.52, 2, **options)
        x = net.batch_norm(net.conv(x, weight, pads=1, stride=2), flips=3)
        x = levels(net, x, scale, 2, **options)
    x = net.op("Flatten", x, axis=1)
    weight = quant(net, latent(net, 10, x.value.shape[1]), 0.37, 2, **options)
    return tensor_norm(net, net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0])))


@fixture(1, 10, 10, dtype=np.float32, divisor=255, domains=[QONNX], runtime="qonnx")
def qonnx_1w2a(net, x):
    """Binary weights with scales that are not 1 against 2-bit activations that are not narrow: -2,
    -1, 0, 1, an odd range."""
    x = centred_input(net, x)
    for width, scale in ((8, 0.7), (12, 0.55)):
        weight = bipolar(net, latent(net, width, x.value.shape[1], 3, 3), 0.31)
        x = net.batch_norm(net.conv(x, weight, stride=2), flips=3)
        x = levels(net, x, scale, 2)
    x = net.op("Flatten", x, axis=1)
    weight = bipolar(net, latent(net, 10, x.value.shape[1]), 0.17)
    return net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))


@fixture(1, 10, 10, dtype=np.float32, divisor=255, domains=[QONNX], runtime="qonnx")
def qonnx_unsigned_activations(net, x):
    """Relu and unsigned 4-bit, then 2-bit activations; ternary weights with scales shaped
    [N, 1, 1, 1] and [N, 1]; the node is spelled IntQuant; zero point and bit width are int64."""
    options = {"op": "IntQuant", "integers": np.int64}
    x = quant(net, x, 1 / 255, 8, signed=0, **options)
    for width, bits, top in ((8, 4, 2.1), (12, 2, 1.6)):
        scales = net.rng.uniform(0.3, 0.6, (width, 1, 1, 1))
        weight = latent(net, width, x.value.shape[1], 3, 3)
        weight = quant(net, weight, scales, 2, narrow=1, **options)
        x = net.op("Relu", net.batch_norm(net.conv(x, weight, pads=1, stride=2), flips=2))
        x = levels(net, x, top / (2**bits - 1), bits, signed=0, **options)
    x = net.op("Flatten", x, axis=1)
    scales = net.rng.uniform(0.3, 0.6, (10, 1))
    weight = quant(net, latent(net, 10, x.value.shape[1]), scales, 2, narrow=1, **options)
    return net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))


@fixture(1, 8, 8, dtype=np.float32, divisor=255, domains=[QONNX], runtime="qonnx")
def qonnx_rounding_modes(net, x):
    """FLOOR, CEIL and DOWN (towards zero) in place of ROUND: thresholds move by half a step, and
    towards zero the middle level is two steps wide."""
    x = net.op("Flatten", centred_input(net, x), axis=1)
    for width, rounding in ((24, "FLOOR"), (20, "CEIL"), (16, "DOWN")):
        weight = quant(net, latent(net, width, x.value.shape[1]), 0.5, 2, narrow=1)
        y = net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))
        x = levels(net, net.batch_norm(y, flips=4), 0.37, 3, rounding=rounding)
    weight = quant(net, latent(net, 10, 16), 0.5, 2, narrow=1)
    return net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))


@fixture(1, 8, 8, dtype=np.float32, divisor=255, domains=[QONNX], runtime="qonnx")
def qonnx_zero_points(net, x):
    """Scales that are powers of two, some of them int64, and odd zero points. QONNX adds the zero
    point before it rounds, ONNX after: ties go to the even integer of different sums."""
    x = net.op("Flatten", quant(net, x, 0.25, 3, signed=0, zero=1.0), axis=1)
    for width, zero in ((24, 7.0), (16, 5.0)):
        weight = quant(net, latent(net, width, x.value.shape[1]), 0.5, 2, narrow=1)
        y = net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))
        x = quant(net, y, np.int64(1), 4, signed=0, zero=zero)
        steps = y.value + zero
        assert (steps % 1 == 0.5).mean() > 0.1, "no ties"
        require_spread(x.name, x.value + zero, 0, 15, saturated=0.2)
    weight = quant(net, latent(net, 10, 16), 0.5, 2, narrow=1)
    return net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))


@fixture(1, 8, 8, domains=[FINN], runtime="qonnx")
def qonnx_finn_domain(net, x):
    """Domain finn.custom_op.general, 8-bit weights in the first layer and ternary ones after it, a
    uint8 image through DequantizeLinear: two dialects in one file."""
    options = {"domain": FINN}
    x = net.op("Flatten", net.dequantized_input(x), axis=1)
    weight = quant(net, latent(net, 20, 64), 1 / 64, 8, narrow=1, **options)
    x = net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))
    x = net.op("Relu", net.batch_norm(x, flips=3))
    x = levels(net, x, 2.3 / 255, 8, signed=0, **options)
    weight = quant(net, latent(net, 10, 20), 0.5, 2, narrow=1, **options)
    return net.op("MatMul", x, net.op("Transpose", weight, perm=[1, 0]))


def steps(net: Net, x: Tensor, thresholds, scale=1.0, bias=0.0, **options) -> Tensor:
    """A MultiThreshold node; rows of `thresholds` are sorted."""
    thresholds = np.sort(np.asarray(thresholds, np.float32), axis=1)
    options = {"out_scale": scale, "out_bias": bias, "out_dtype": "INT8", **options}
    return net.op("MultiThreshold", x, thresholds, domain=FINN, **options)


def quantiles(x: Tensor, count: int) -> np.ndarray:
    """Thresholds for each channel, unevenly spaced, that its values are spread over."""
    channels = np.moveaxis(x.value, 1, 0).reshape(x.value.shape[1], -1)
    return np.quantile(channels, np.arange(1, count + 1) / (count + 1), axis=1).T


@fixture(1, 10, 10, dtype=np.float32, divisor=255, opset=11, domains=[FINN], runtime="qonnx")
def finn_thresholds(net, x):
    """MultiThreshold in place of quantisers: uneven thresholds for each channel, some of them equal
    or infinite, integers that accumulators hit exactly; levels -3, -1, 1, 3 under padding; a bias
    that is no multiple of the scale; more levels than are counted one by one; a dense layer's
    BatchNorm between Unsqueeze and Squeeze."""
    x = steps(net, x, [[0.21, 0.4, 0.7]], 2.0, -3.0)
    y = net.conv(x, net.trits(8, 1, 3, 3), pads=1)
    thresholds = np.rint(quantiles(y, 6))
    thresholds[0, :3], thresholds[1, 4:], thresholds[2] = -np.inf, np.inf, thresholds[2, 2]
    x = steps(net, y, thresholds, 0.75, 0.3)
    y = net.batch_norm(net.conv(x, net.trits(12, 8, 3, 3), stride=2), flips=6)
    x = steps(net, y, quantiles(y, 20) + net.rng.uniform(0, 1e-3, (12, 20)), 0.5, -1.25)
    x = net.op("MatMul", net.op("Flatten", x, axis=1), net.trits(192, 24))
    x = net.batch_norm(net.op("Unsqueeze", x, axes=[2]), flips=5)
    x = steps(net, net.op("Squeeze", x, axes=[2]), [[0.0]], 2.0, -1.0, out_dtype="BIPOLAR")
    return net.op("MatMul", x, net.trits(24, 10))
