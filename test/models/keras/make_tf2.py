"""Makes the Keras 2, Larq and QKeras models here, and what the frameworks compute with them.

Needs tensorflow 2.15, larq 0.13, qkeras 0.9. Weights are random and seeded, as are BatchNorm
statistics; each model begins with a quantiser, so that it compiles without calibration. For every
NAME there are NAME.h5 or NAME.keras (or NAME.json and NAME_weights.h5), NAME.inputs.npy and
NAME.outputs.npy. Vectors whose outputs move when the input moves by 1e-6 are left out: there
float32 rounding decides.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import larq as lq
import numpy as np
import qkeras as qk
import tensorflow as tf
from keras import layers as L

VECTORS = 12
RANDOM = np.random.default_rng(7)


def fill(model):
    for layer in model.layers:
        for weight in layer.weights:
            shape, name = weight.shape, weight.name
            if "gamma" in name:
                value = RANDOM.uniform(0.5, 1.5, shape) * RANDOM.choice([-1, 1], shape, p=[0.2, 0.8])
            elif "variance" in name:
                value = RANDOM.uniform(0.5, 8, shape)
            elif "kernel" in name:
                value = RANDOM.uniform(-1, 1, shape)
            else:
                value = RANDOM.normal(0, 0.4, shape)
            if "mean" in name:
                value = value * 3
            weight.assign(value.astype(np.float32))


def save(model, name, files):
    fill(model)
    inputs = RANDOM.normal(0, 0.6, (8 * VECTORS, *model.input_shape[1:])).astype(np.float32)
    outputs = model.predict(inputs, verbose=0)
    steady = np.ones(len(inputs), bool)
    for factor in (1 - 1e-6, 1 + 1e-6):
        moved = model.predict((inputs * factor).astype(np.float32), verbose=0)
        steady &= np.isclose(moved, outputs, rtol=1e-4, atol=1e-4).reshape(len(inputs), -1).all(axis=1)
    kept = np.flatnonzero(steady)[:VECTORS]
    assert len(kept) == VECTORS, (name, len(kept))
    for file in files:
        if file == "json":
            open(f"{name}.json", "w").write(model.to_json())
            model.save_weights(f"{name}_weights.h5")
        else:
            model.save(f"{name}.{file}")
    np.save(f"{name}.inputs.npy", inputs[kept])
    np.save(f"{name}.outputs.npy", outputs[kept].astype(np.float32))
    print(name, model.count_params())


def larq_image():
    q = lq.layers
    return keras.Sequential(
        [
            L.Input((9, 8, 3)),
            q.QuantConv2D(6, 3, padding="same", input_quantizer="ste_sign", kernel_quantizer="ste_tern", use_bias=False),
            L.BatchNormalization(),
            L.MaxPooling2D(2),
            q.QuantConv2D(
                8, (2, 3), strides=(1, 2), dilation_rate=1,
                input_quantizer=lq.quantizers.SteTern(threshold_value=0.3),
                kernel_quantizer=lq.quantizers.SteTern(ternary_weight_networks=True),
            ),
            L.BatchNormalization(scale=False),
            L.Activation("relu"),
            q.QuantDepthwiseConv2D(2, padding="same", input_quantizer=lq.quantizers.DoReFa(k_bit=3), depthwise_quantizer="approx_sign", depth_multiplier=2),
            L.BatchNormalization(center=False),
            L.Dropout(0.5),
            L.Flatten(),
            q.QuantDense(7, input_quantizer="swish_sign", kernel_quantizer="magnitude_aware_sign"),
        ]
    )


def larq_separable():
    q = lq.layers
    x = inputs = L.Input((8, 7, 2), name="picture")
    x = q.QuantSeparableConv2D(
        5, 3, strides=2, padding="same", input_quantizer="ste_tern",
        depthwise_quantizer="ste_tern", pointwise_quantizer=lq.quantizers.DoReFa(k_bit=2, mode="weights"),
    )(x)
    x = L.BatchNormalization()(x)
    branch = q.QuantConv2D(5, 3, padding="same", input_quantizer="ste_heaviside", kernel_quantizer="ste_tern", use_bias=False)(x)
    branch = L.BatchNormalization()(branch)
    x = L.Add()([L.Activation(lq.quantizers.DoReFa(k_bit=4))(x), L.Activation(lq.quantizers.DoReFa(k_bit=4))(branch)])
    x = q.QuantConv2D(4, 1, input_quantizer=lq.quantizers.DoReFa(k_bit=2), kernel_quantizer="ste_tern")(x)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, x)


def larq_padded():
    """Padding with ones, and zeros around what a quantiser or a pool reads."""
    q = lq.layers
    ones = dict(padding="same", pad_values=1.0, input_quantizer="ste_sign", kernel_quantizer="ste_tern", use_bias=False)
    x = inputs = L.Input((8, 7, 2))
    x = q.QuantConv2D(6, 3, strides=2, **ones)(x)
    x = L.BatchNormalization(scale=False)(x)
    x = L.ZeroPadding2D((1, 2))(x)
    x = q.QuantConv2D(6, 3, input_quantizer="ste_sign", kernel_quantizer="ste_tern", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    x = L.Activation(lq.quantizers.DoReFa(k_bit=3))(x)
    x = L.MaxPooling2D(2, 1)(L.ZeroPadding2D(1)(x))
    x = q.QuantSeparableConv2D(
        4, 3, strides=(2, 2), padding="same", pad_values=1.0, input_quantizer="ste_tern",
        depthwise_quantizer="ste_tern", pointwise_quantizer="ste_tern",
    )(x)  # fmt: skip
    return keras.Model(inputs, L.GlobalAveragePooling2D()(x))


def larq_signal():
    q = lq.layers
    return keras.Sequential(
        [
            L.Input((20, 3)),
            q.QuantConv1D(6, 3, padding="causal", dilation_rate=2, input_quantizer="ste_tern", kernel_quantizer="ste_tern"),
            L.MaxPooling1D(2),
            q.QuantConv1D(4, 4, strides=2, padding="same", input_quantizer="ste_sign", kernel_quantizer="ste_sign"),
            L.BatchNormalization(),
            q.QuantDense(5, input_quantizer="ste_tern", kernel_quantizer="ste_tern"),
            L.Flatten(),
            q.QuantDense(3, input_quantizer="ste_sign", kernel_quantizer="ste_tern"),
            L.Activation("softmax"),
        ]
    )


def qkeras_image():
    return keras.Sequential(
        [
            L.Input((8, 8, 2)),
            qk.QActivation("quantized_bits(8, 1)"),
            qk.QConv2D(6, 3, padding="same", kernel_quantizer=qk.ternary(alpha="auto"), bias_quantizer=qk.quantized_bits(6, 1)),
            L.BatchNormalization(),
            qk.QActivation("quantized_relu(4, 2)"),
            L.ZeroPadding2D(((1, 0), (0, 2))),
            qk.QDepthwiseConv2D(3, depthwise_quantizer=qk.ternary(), use_bias=False),
            L.BatchNormalization(),
            qk.QActivation(qk.ternary(threshold=0.4, alpha=0.5)),
            L.AveragePooling2D(2, padding="same"),
            qk.QActivation("quantized_tanh(5)"),
            qk.QConv2D(5, 2, kernel_quantizer=qk.quantized_bits(2, 0, 1, alpha="auto_po2"), bias_quantizer=None),
            qk.QActivation(qk.binary(alpha=2.0)),
            L.Flatten(),
            qk.QDense(6, kernel_quantizer=qk.stochastic_ternary("auto_po2"), bias_quantizer=qk.quantized_bits(8, 2, alpha=1)),
            qk.QActivation("quantized_sigmoid(4)"),
            qk.QDense(4, kernel_quantizer=qk.binary(alpha="auto"), bias_quantizer=None, activation="quantized_bits(8, 3)"),
        ]
    )


def qkeras_rules():
    """Every rule for weights on a dense layer of its own."""
    x = inputs = L.Input((12,))
    rules = [
        qk.ternary(alpha="auto"), qk.ternary(alpha="auto_po2"), qk.ternary(alpha=0.75, threshold=0.5), qk.binary(),
        qk.binary(alpha="auto_po2"), qk.binary(alpha=1.5), qk.quantized_bits(4, 0, 1), qk.quantized_bits(4, 0, 0, alpha=1.0),
        qk.quantized_bits(2, 0, 1, alpha="auto"), qk.quantized_bits(3, 1, 1, alpha="auto"),
    ]  # fmt: skip
    x = qk.QActivation("quantized_bits(4, 1, 1)")(x)
    for rule in rules:
        x = qk.QDense(12, kernel_quantizer=rule, bias_quantizer=None)(x)
        x = L.BatchNormalization()(x)
        x = qk.QActivation("quantized_relu(3, 1)")(x)
    return keras.Model(inputs, qk.QDense(5, kernel_quantizer=qk.ternary(), bias_quantizer=None)(x))


def curves():
    """Curved activations between quantisers, joined and multiplied."""
    x = inputs = L.Input((6, 6, 2))
    x = qk.QActivation("quantized_bits(8, 1)")(x)
    x = qk.QConv2D(5, 3, padding="same", kernel_quantizer=qk.ternary(), bias_quantizer=None)(x)
    x = qk.QActivation("quantized_bits(8, 3)")(x)
    a = qk.QActivation("quantized_bits(8, 2)")(L.LeakyReLU(0.125)(x))
    b = qk.QActivation("quantized_bits(8, 2)")(L.Activation("silu")(x))
    c = qk.QActivation("quantized_bits(8, 2)")(L.Multiply()([a, L.ELU(0.5)(x)]))
    x = L.Concatenate()([a, b, L.Subtract()([a, c])])
    x = qk.QActivation("quantized_bits(8, 3)")(x)
    x = qk.QConv2D(4, 3, strides=2, kernel_quantizer=qk.ternary(), bias_quantizer=None, activation="quantized_bits(8, 4)")(x)
    x = qk.QActivation("quantized_bits(8, 0)")(L.Activation("tanh")(x))
    x = qk.QDense(3, kernel_quantizer=qk.ternary(), bias_quantizer=None)(L.Flatten()(x))
    return keras.Model(inputs, L.Activation("sigmoid")(x))


def ternarize(w):
    return tf.where(w > 0.5, 1.0, tf.where(w <= -0.5, -1.0, 0.0))


class TernaryDense(L.Dense):
    """As the TernaryNet code of many projects has it."""

    def call(self, x):
        return x @ ternarize(self.kernel) + (self.bias if self.use_bias else 0)

    def get_config(self):
        return {**super().get_config(), "H": 1.0}


class BinaryConv2D(L.Conv2D):
    def call(self, x):
        kernel = 2 * tf.round(tf.clip_by_value(self.kernel * 0.5 + 0.5, 0, 1)) - 1
        return tf.nn.conv2d(x, kernel, self.strides, self.padding.upper()) + self.bias

    def get_config(self):
        return {**super().get_config(), "H": 1.0}


def ternary_tanh(x):
    return ternarize(tf.clip_by_value(x, -1, 1))


def binary_tanh(x):
    return 2 * tf.round(tf.clip_by_value(x * 0.5 + 0.5, 0, 1)) - 1


def ternary_net():
    return keras.Sequential(
        [
            L.Input((6, 6, 2)),
            L.Activation(binary_tanh),
            BinaryConv2D(4, 3, padding="same"),
            L.BatchNormalization(epsilon=1e-6),
            L.Activation(ternary_tanh),
            L.Reshape((-1, 12)),
            L.Permute((2, 1)),
            L.Flatten(),
            TernaryDense(8, use_bias=False),
            L.BatchNormalization(epsilon=1e-6),
            L.Activation(ternary_tanh),
            TernaryDense(5, use_bias=False),
            L.BatchNormalization(epsilon=1e-6),
        ]
    )


def larq_nested():
    """Models inside models, two of whose layers have one name, and transposed convolutions."""
    q = lq.layers
    options = {"input_quantizer": "ste_sign", "kernel_quantizer": "ste_tern"}
    inner = keras.Sequential(
        [
            L.Input((3, 3, 4)),
            q.QuantConv2DTranspose(5, 3, strides=2, padding="same", name="up", **options),
            L.BatchNormalization(name="norm"),
        ],
        name="decoder",
    )
    around = L.Input((7, 6, 2))
    x = q.QuantConv2D(4, 3, strides=2, padding="valid", name="down", **options)(around)
    x = L.BatchNormalization(name="norm")(x)
    x = L.ZeroPadding2D(((0, 0), (0, 1)))(x)
    body = keras.Model(around, inner(x), name="body")
    ends = L.Input((6, 6, 5))
    y = q.QuantConv2DTranspose(3, (2, 4), strides=(3, 2), use_bias=False, name="up", **options)(ends)
    head = keras.Model(ends, L.GlobalAveragePooling2D()(y), name="head")
    inputs = L.Input((7, 6, 2))
    return keras.Model(inputs, head(body(inputs)))


if __name__ == "__main__":
    save(larq_image(), "larq_image", ["h5"])
    save(larq_separable(), "larq_separable", ["keras"])
    save(larq_signal(), "larq_signal", ["json"])
    save(qkeras_image(), "qkeras_image", ["h5"])
    save(qkeras_rules(), "qkeras_rules", ["h5"])
    save(ternary_net(), "ternary_net", ["json"])
    save(curves(), "curves", ["h5"])
    save(larq_padded(), "larq_padded", ["h5"])
    save(larq_nested(), "larq_nested", ["keras"])
