"""How data comes in and how results go out."""

import numpy as np

from .builder import Net, Tensor
from .dense import hidden
from .fixture import fixture

MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 3, 1, 1)


def normalised(net: Net, x: Tensor) -> Tensor:
    """(x / 255 - mean) / deviation for each channel, as torchvision does it."""
    x = net.op("Div", x, np.float32(255))
    return net.op("Div", net.op("Sub", x, MEAN), DEVIATION)


def small_cnn(net: Net, x: Tensor) -> Tensor:
    width = x.value.shape[1]
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, width, 3, 3), stride=2, pads=1))
    return net.pooled_classifier(net.relu_requantize(net.conv_norm(x, net.ternary(12, 8, 3, 3))))


def logits(net: Net, x: Tensor) -> Tensor:
    """Ten real numbers, about as large as logits are."""
    bias = net.rng.normal(0, 0.3, 10)
    return net.op("Gemm", hidden(net, x), net.ternary(10, 24), bias, transB=1)


# --- Inputs ---------------------------------------------------------------------------------------


@fixture(3, 10, 10, dtype=np.float32, vectors=8)
def float_pixels_normalised(net, x):
    """Float pixels from 0 to 255, normalised for each channel and then quantised to int8 with one
    scale: the first quantiser is a table from float pixels to integers, one for each channel."""
    return small_cnn(net, net.requantize(normalised(net, x), dtype=np.int8))


@fixture(3, 10, 10)
def byte_pixels_normalised(net, x):
    """The same from uint8 pixels through Cast: 256 inputs for each channel, so the whole of the
    normalisation is a table of 256 entries."""
    x = net.op("Cast", x, to=1)
    return small_cnn(net, net.requantize(normalised(net, x), dtype=np.int8))


@fixture(3, 10, 10)
def byte_pixels_normalised_into_conv(net, x):
    """Cast and normalisation without a quantiser, straight into an unpadded convolution: scale and
    offset for each input channel belong to the weights and the bias of the first layer."""
    x = normalised(net, net.op("Cast", x, to=1))
    x = net.relu_requantize(net.conv(x, net.ternary(8, 3, 3, 3), net.rng.normal(0, 0.2, 8)))
    return net.pooled_classifier(x)


@fixture(3, 8, 8, dtype=np.int8)
def signed_input(net, x):
    """int8 input, dequantised with zero point -128 and padded: the border is the zero point."""
    x = net.op("DequantizeLinear", x, np.float32(1 / 255), np.int8(-128))
    return small_cnn(net, x)


@fixture(10, 10, 3)
def channels_last(net, x):
    """NHWC image transposed to NCHW at the input, and transposed back before the flattening, as
    converters from TensorFlow write it: the classifier's columns run over channels first."""
    x = net.op("Transpose", net.dequantized_input(x), perm=[0, 3, 1, 2])
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 3, 3, 3), stride=2, pads=1))
    x = net.op("Transpose", x, perm=[0, 2, 3, 1])
    x = net.op("Reshape", x, np.array([-1, 200], np.int64))
    return net.op("MatMul", x, net.ternary(10, 200).T.copy())


@fixture(1, 8, 8)
def transpose_bytes(net, x):
    """Rows and columns exchanged while the image is still uint8, before DequantizeLinear."""
    x = net.dequantized_input(net.op("Transpose", x, perm=[0, 1, 3, 2]))
    return small_cnn(net, x)


# --- Between --------------------------------------------------------------------------------------


@fixture(2, 8, 8, opset=11)
def shape_gather_flatten(net, x):
    """Flattening as Shape, Gather, Unsqueeze, Concat, Reshape: torch's x.view(x.size(0), -1)."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(6, 2, 3, 3), stride=2))
    batch = net.op("Gather", net.op("Shape", x), np.int64(0), axis=0)
    shape = net.op("Concat", net.op("Unsqueeze", batch, axes=[0]), np.array([-1]), axis=0)
    x = net.op("Reshape", x, shape)
    return net.op("Gemm", x, net.ternary(10, 54), transB=1)


@fixture(1, 8, 8)
def unfriendly_names(net, x):
    """Node names that would end a C comment or a line, and an output that is called `int`."""
    y = logits(net, x)
    for name, node in zip(["größe */ x", "a\nb", "??/", 'c"\\', "//"], net.nodes, strict=False):
        node.name = name
    net.nodes[-1].output[0] = "int"
    return Tensor("int", y.value)


@fixture(1, 10, 10, external_data=True)
def external_weights(net, x):
    """Weights in a second file beside the model."""
    return small_cnn(net, net.dequantized_input(x))


# --- Outputs --------------------------------------------------------------------------------------


@fixture(1, 8, 8)
def output_uint8(net, x):
    """The file ends in QuantizeLinear: the output is uint8 with a scale and a zero point."""
    y = logits(net, x)
    scale = np.float32((y.value.max() - y.value.min()) / 250)
    return net.op("QuantizeLinear", y, scale, np.uint8(-y.value.min() / scale + 3))


@fixture(1, 8, 8)
def output_dequantized(net, x):
    """The file ends in QuantizeLinear and DequantizeLinear: logits are floats, but only 256 of
    them, and the integer output is the quantised one."""
    return net.requantize(logits(net, x), dtype=np.int8)


@fixture(1, 8, 8)
def output_relu(net, x):
    """The output is a real-valued Relu without a quantiser."""
    return net.op("Relu", logits(net, x))


@fixture(1, 8, 8)
def output_map(net, x):
    """The output is an image, quantised, [2, 8, 8]: its layout is the file's, not the kernels'."""
    x = net.relu_requantize(
        net.conv_norm(net.dequantized_input(x), net.ternary(6, 1, 3, 3), pads=1)
    )
    return net.requantize(net.conv_norm(x, net.ternary(2, 6, 3, 3), pads=1), dtype=np.int8)


@fixture(1, 8, 8, head=True)
def head_softmax(net, x):
    """Softmax at the end: it changes no decision, and the integers to compare are its inputs."""
    return net.op("Softmax", logits(net, x), axis=1)


@fixture(1, 8, 8, head=True)
def head_argmax(net, x):
    """ArgMax without keepdims at the end: the output is one int64."""
    return net.op("ArgMax", logits(net, x), axis=1, keepdims=0)


@fixture(1, 8, 8, head=True, opset=11)
def head_topk(net, x):
    """TopK at the end, of which only the indices are an output (FINN's InsertTopK)."""
    return net.op("TopK", logits(net, x), np.array([3]), axis=-1, outputs=2)
