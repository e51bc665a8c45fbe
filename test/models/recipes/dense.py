"""Fully connected layers, and the ways in which a file may write one."""

import numpy as np

from .fixture import fixture


def hidden(net, x, width=24):
    """An 8-bit layer of the plainest kind in front of the one that matters."""
    x = net.op("Flatten", net.dequantized_input(x), axis=1)
    weight = net.ternary(width, x.value.shape[1])
    y = net.batch_norm(net.op("Gemm", x, weight, net.rng.normal(0, 0.1, width), transB=1), flips=6)
    return net.relu_requantize(y)


@fixture(1, 8, 8)
def gemm_forms(net, x):
    """Gemm with alpha 0.5, beta 2 and transB 0: weight [in, out], and factors that belong to the
    weight scale and the bias."""
    x = hidden(net, x)
    weight, bias = net.ternary(16, 24).T.copy(), net.rng.normal(0, 0.2, 16)
    x = net.relu_requantize(net.op("Gemm", x, weight, bias, alpha=0.5, beta=2.0))
    return net.op("Gemm", x, net.ternary(10, 16), transB=1)


@fixture(1, 8, 8)
def matmul_add(net, x):
    """MatMul with weight [in, out], then Add of a bias [out]: scales run along axis 1 here, and the
    Add is not a residual."""
    x = hidden(net, x)
    x = net.op("MatMul", x, net.ternary(16, 24).T.copy())
    x = net.relu_requantize(net.op("Add", x, net.rng.normal(0, 0.2, 16)))
    x = net.op("MatMul", x, net.ternary(10, 16).T.copy())
    return net.op("Add", net.rng.normal(0, 0.2, 10), x)


@fixture(1, 8, 8)
def matmul_weight_scale(net, x):
    """Weights that are plainly -1, 0, +1, with the scale as a Mul after the MatMul (Hugging Face
    style), or a Div by its inverse: the scale is a node, not part of the weight."""
    x = hidden(net, x)
    x = net.op("MatMul", x, net.trits(16, 24).T.copy())
    x = net.relu_requantize(net.op("Mul", x, np.array([0.113], np.float32)))
    x = net.op("MatMul", x, net.trits(10, 16).T.copy())
    x = net.op("Div", x, np.array([7.13], np.float32))
    return net.op("Add", x, net.rng.normal(0, 0.2, 10))


@fixture(1, 8, 8)
def channel_scale_nodes(net, x):
    """A Mul and an Add with a constant for each output, some of the factors negative: BatchNorm by
    another name."""
    x = hidden(net, x)
    x = net.op("MatMul", x, net.trits(16, 24).T.copy())
    factor = net.rng.uniform(0.08, 0.2, 16)
    factor[::3] *= -1
    x = net.op("Add", net.op("Mul", factor, x), net.rng.normal(0.3, 0.2, 16))
    return net.op("Gemm", net.relu_requantize(x), net.ternary(10, 16), transB=1)


@fixture(1, 8, 8, opset=11)
def relu6(net, x):
    """Clip at 6 whose bound lies inside the quantiser's range in one layer and outside in another,
    Identity and Dropout in between: saturation may come from the Clip or from the quantiser."""
    x = net.op("Flatten", net.dequantized_input(x, scale=1 / 40), axis=1)
    x = net.op("Gemm", x, net.ternary(24, 64), net.rng.normal(2, 2, 24), transB=1)
    x = net.op("Clip", x, np.float32(0), np.float32(6))
    x = net.requantize(x, scale=np.float32(0.031), zero=0)
    x = net.op("Dropout", net.op("Identity", x))
    x = net.op("Gemm", x, net.ternary(16, 24), net.rng.normal(1, 1, 16), transB=1)
    x = net.op("Clip", x, np.float32(0), np.float32(6))
    x = net.requantize(x, scale=np.float32(0.0173), zero=0)
    return net.op("Gemm", x, net.ternary(10, 16), transB=1)


@fixture(1, 8, 8)
def wide_dense(net, x):
    """A row of ones and one of minus ones over all inputs: the accumulator reaches both ends of its
    range, which the proof of its width must allow for."""
    x = net.op("Flatten", net.dequantized_input(x), axis=1)
    weight = net.ternary(24, 64)
    weight[0], weight[1] = np.abs(weight).max(), -np.abs(weight).max()
    x = net.relu_requantize(net.batch_norm(net.op("Gemm", x, weight, transB=1)))
    return net.op("Gemm", x, net.ternary(10, 24), transB=1)
