"""Keras 3's own ONNX export, `model.export(..., format="onnx")`.

    pip install tensorflow "keras>=3.8" tf2onnx onnxruntime
    python keras3_exports.py
"""

import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import onnx
from keras import layers, ops

from common import images, save


def ternary(weight):
    scale = ops.mean(ops.abs(weight))
    return ops.clip(ops.round(weight / scale), -1.0, 1.0) * scale


class TernaryConv(layers.Conv2D):
    def call(self, inputs):
        return ops.conv(inputs, ternary(self.kernel), self.strides, self.padding)


class TernaryDense(layers.Dense):
    def call(self, inputs):
        return ops.matmul(inputs, ternary(self.kernel)) + self.bias


class Levels(layers.Layer):
    """8 bits from 0 to `top`."""

    def __init__(self, top, **options):
        super().__init__(**options)
        self.scale = top / 255

    def call(self, x):
        return ops.clip(ops.round(x / self.scale), 0, 255) * self.scale


def build(shape):
    keras.utils.set_random_seed(4)
    x = inputs = layers.Input(shape)
    x = Levels(1.0)(x)
    x = TernaryConv(6, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = Levels(2.0)(x)
    x = TernaryConv(8, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = Levels(3.0)(x)
    x = TernaryDense(10)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Softmax()(x))


def main(name, shape=(9, 9, 2)):
    net = build(shape)
    rng = np.random.default_rng(2)
    for layer in net.layers:
        if isinstance(layer, layers.BatchNormalization):
            width = layer.gamma.shape[0]
            gamma = rng.uniform(0.5, 1.5, width) * np.where(np.arange(width) % 3 == 0, -1, 1)
            values = [gamma, rng.normal(0, 0.3, width), rng.normal(0, 0.3, width)]
            layer.set_weights([*values, rng.uniform(0.2, 0.6, width)])
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.onnx"
        net(np.zeros((1, *shape), np.float32))
        net.export(path, format="onnx", verbose=False)
        made = onnx.load(path)
    inputs = np.moveaxis(images(shape[-1], *shape[:-1]), 1, -1).copy()
    save(name, made, inputs)


if __name__ == "__main__":
    main("keras3")
