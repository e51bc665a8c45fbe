"""tf2onnx on Keras 2 networks: plain Keras with TensorFlow's fake quantisers, Larq, QKeras.

    pip install "tensorflow<2.16" larq qkeras tf2onnx onnxruntime
    python tensorflow_exports.py
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf2onnx

from common import images, save

layers = tf.keras.layers


def channels_last(*shape, seed=7, **options):
    return np.moveaxis(images(shape[-1], *shape[:-1], seed=seed, **options), 1, -1).copy()


def settle(net: tf.keras.Model, shape) -> tf.keras.Model:
    """BatchNorm statistics from synthetic images, random gammas and betas."""
    rng = np.random.default_rng(1)
    norms = [layer for layer in net.layers if isinstance(layer, layers.BatchNormalization)]
    calibration = channels_last(*shape, seed=3, count=64)
    for norm in norms:
        before = tf.keras.Model(net.input, norm.input)(calibration).numpy()
        axes = tuple(range(before.ndim - 1))
        width = before.shape[-1]
        gamma = rng.uniform(0.5, 1.5, width) * np.where(np.arange(width) % 3 == 0, -1, 1)
        weights = [gamma, rng.normal(0, 0.3, width), before.mean(axes), before.var(axes)]
        norm.set_weights(weights if norm.scale else weights[1:])
    return net


def exported(net, shape):
    spec = (tf.TensorSpec((None, *shape), tf.float32, name="input"),)
    made, _ = tf2onnx.convert.from_keras(net, spec, opset=15)
    return made


def save_keras(name, net, shape, count=8):
    save(name, exported(settle(net, shape), shape), channels_last(*shape, count=count))


class TernaryConv(layers.Conv2D):
    def convolution_op(self, inputs, kernel):
        return super().convolution_op(inputs, ternary(kernel))


class TernaryDepthwise(layers.DepthwiseConv2D):
    def call(self, inputs):
        kernel = ternary(self.depthwise_kernel)
        strides = (1, *self.strides, 1)
        return tf.nn.depthwise_conv2d(inputs, kernel, strides, self.padding.upper())


class TernaryDense(layers.Dense):
    def call(self, inputs):
        return tf.matmul(inputs, ternary(self.kernel)) + self.bias


def ternary(weight):
    scale = tf.reduce_mean(tf.abs(weight))
    quantised = tf.clip_by_value(tf.round(weight / scale), -1.0, 1.0) * scale
    return weight + tf.stop_gradient(quantised - weight)


def fake_quantised(top):
    """TensorFlow's fake quantiser as arithmetic: a fixed range of 255 steps from 0."""
    scale = top / 255

    def levels(x):
        quantised = tf.clip_by_value(tf.round(x / scale), 0.0, 255.0) * scale
        return x + tf.stop_gradient(quantised - x)

    return layers.Lambda(levels)


MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


@model
def tf2onnx_keras(name):
    """Padding SAME with an odd stride, a depthwise layer, pools, a flattening of channels last."""
    tf.keras.utils.set_random_seed(1)
    shape = (9, 9, 1)
    x = inputs = layers.Input(shape)
    x = fake_quantised(1.0)(x)
    x = TernaryConv(6, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = fake_quantised(4.0)(x)
    x = TernaryDepthwise(3, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = fake_quantised(4.1)(x)
    x = TernaryConv(8, 1)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = fake_quantised(3.9)(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(layers.Dropout(0.2)(x))
    x = TernaryDense(10)(x)
    save_keras(name, tf.keras.Model(inputs, x), shape)


@model
def tf2onnx_larq(name):
    """Larq: ste_sign activations, ste_tern and ste_sign kernels, BatchNorm without gammas."""
    import larq

    tf.keras.utils.set_random_seed(2)
    shape = (10, 10, 1)
    x = inputs = layers.Input(shape)
    x = layers.BatchNormalization(scale=False)(x)
    options = {"use_bias": False}
    tern = larq.quantizers.SteTern()
    x = larq.layers.QuantConv2D(
        8, 3, strides=2, input_quantizer="ste_sign", kernel_quantizer=tern,
        kernel_constraint="weight_clip", **options,
    )(x)  # fmt: skip
    x = layers.BatchNormalization(scale=False)(x)
    x = larq.layers.QuantConv2D(
        8, 3, input_quantizer="ste_sign", kernel_quantizer="ste_sign", **options,
    )(x)  # fmt: skip
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Flatten()(x)
    x = larq.layers.QuantDense(
        10, input_quantizer="ste_sign", kernel_quantizer=tern, **options
    )(x)  # fmt: skip
    x = layers.BatchNormalization(scale=False)(x)
    save_keras(name, tf.keras.Model(inputs, x), shape)


@model
def tf2onnx_qkeras(name):
    """QKeras: ternary and binary kernels, quantized_relu and quantized_bits activations."""
    import qkeras

    tf.keras.utils.set_random_seed(3)
    shape = (8, 8, 1)
    x = inputs = layers.Input(shape)
    x = qkeras.QActivation("quantized_bits(8,0,1)")(x)
    x = qkeras.QConv2D(
        6, 3, strides=2, padding="same", use_bias=False,
        kernel_quantizer=qkeras.ternary(alpha=1.0, threshold=0.1),
    )(x)  # fmt: skip
    x = layers.BatchNormalization()(x)
    x = qkeras.QActivation("quantized_relu(8,2)")(x)
    x = qkeras.QConv2D(
        8, 3, use_bias=False, kernel_quantizer=qkeras.ternary(alpha="auto"),
    )(x)  # fmt: skip
    x = layers.BatchNormalization()(x)
    x = qkeras.QActivation("quantized_relu(4,2)")(x)
    x = layers.Flatten()(x)
    x = qkeras.QDense(
        10, kernel_quantizer=qkeras.binary(alpha=1.0),
        bias_quantizer=qkeras.quantized_bits(8, 2, 1),
    )(x)  # fmt: skip
    save_keras(name, tf.keras.Model(inputs, x), shape, count=32)


@model
def tf2onnx_qkeras_signs(name):
    """QKeras: ternary, binary, tanh and leaky activations, which are made of signs and comparisons;
    a depthwise layer, a 2-bit kernel."""
    import qkeras

    tf.keras.utils.set_random_seed(4)
    shape = (9, 9, 1)
    x = inputs = layers.Input(shape)
    x = qkeras.QActivation("quantized_bits(8,0,1)")(x)
    x = qkeras.QConv2D(
        6, 3, padding="same", use_bias=False, kernel_quantizer=qkeras.ternary(alpha="auto"),
    )(x)  # fmt: skip
    x = layers.BatchNormalization()(x)
    x = qkeras.QActivation("ternary(alpha=1.0,threshold=0.3)")(x)
    x = qkeras.QDepthwiseConv2D(
        3, strides=2, padding="same", depthwise_quantizer=qkeras.ternary(alpha=1.0, threshold=0.2),
    )(x)  # fmt: skip
    x = layers.BatchNormalization()(x)
    x = qkeras.QActivation("binary(alpha=1.0)")(x)
    x = qkeras.QConv2D(8, 1, kernel_quantizer="quantized_bits(2,0,1,alpha=1.0)")(x)
    x = layers.BatchNormalization()(x)
    x = qkeras.QActivation(qkeras.quantized_relu(4, 1, negative_slope=0.25))(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = qkeras.QDense(8, kernel_quantizer=qkeras.ternary(alpha="auto"))(x)
    x = qkeras.QActivation("quantized_tanh(4)")(x)
    x = qkeras.QDense(5, kernel_quantizer=qkeras.ternary(alpha="auto"))(x)
    save_keras(name, tf.keras.Model(inputs, x), shape, count=32)


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        MODELS[name](name)
