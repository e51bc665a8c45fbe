"""Makes the Keras 3 models here, and what Keras computes with them.

Needs keras 3 and a backend. Keras 3 has no ternary layers: the kernels of these models hold -s, 0
and s already, as pruning and ternarising callbacks leave them, and a registered activation makes
signs and trits. Files and vectors are those of make_tf2.py.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers as L
from keras import ops

VECTORS = 12
RANDOM = np.random.default_rng(11)


@keras.saving.register_keras_serializable("example")
def ternary_tanh(x):
    return ops.where(x > 0.5, 1.0, ops.where(x <= -0.5, -1.0, 0.0))


def fill(model):
    for layer in model.layers:
        for weight in layer.weights:
            shape, name = tuple(weight.shape), weight.name
            if "kernel" in name:
                value = RANDOM.choice([-1, 0, 1], shape) * RANDOM.uniform(0.1, 1)
            elif name == "gamma":
                value = RANDOM.uniform(0.5, 1.5, shape) * RANDOM.choice([-1, 1], shape, p=[0.2, 0.8])
            elif "variance" in name:
                value = RANDOM.uniform(0.5, 3, shape)
            else:
                value = RANDOM.normal(0, 0.4, shape)
            weight.assign(value.astype(np.float32))


def save(model, name, file):
    fill(model)
    inputs = RANDOM.normal(0, 0.6, (8 * VECTORS, *model.input_shape[1:])).astype(np.float32)
    outputs = model.predict(inputs, verbose=0)
    steady = np.ones(len(inputs), bool)
    for factor in (1 - 1e-6, 1 + 1e-6):
        moved = model.predict((inputs * factor).astype(np.float32), verbose=0)
        steady &= np.isclose(moved, outputs, rtol=1e-4, atol=1e-4).reshape(len(inputs), -1).all(axis=1)
    kept = np.flatnonzero(steady)[:VECTORS]
    assert len(kept) == VECTORS, (name, len(kept))
    if file == "json":
        open(f"{name}.json", "w").write(model.to_json())
        model.save_weights(f"{name}.weights.h5")
    else:
        model.save(f"{name}.{file}")
    np.save(f"{name}.inputs.npy", inputs[kept])
    np.save(f"{name}.outputs.npy", outputs[kept].astype(np.float32))
    print(name, model.count_params())


def image():
    return keras.Sequential(
        [
            L.Input((9, 8, 2)),
            L.Activation(ternary_tanh),
            L.Conv2D(6, 3, strides=2, padding="same", groups=2),
            L.BatchNormalization(),
            L.Activation(ternary_tanh),
            L.SeparableConv2D(5, 2, depth_multiplier=2),
            L.ReLU(max_value=1.0),
            L.MaxPooling2D((2, 1)),
            L.Activation(ternary_tanh),
            L.Flatten(),
            L.Dense(6, activation=ternary_tanh),
            L.Dense(4, activation="softmax"),
        ]
    )


def residual():
    x = inputs = L.Input((7, 7, 2))
    x = L.Activation(ternary_tanh)(x)
    x = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    trunk = L.Activation(ternary_tanh)(x)
    y = L.DepthwiseConv2D(3, padding="same", use_bias=False)(trunk)
    y = L.BatchNormalization()(y)
    y = L.Activation(ternary_tanh)(y)
    x = L.Activation(ternary_tanh)(L.Add()([trunk, y]))
    x = L.Conv2D(3, 2, dilation_rate=2)(x)
    x = L.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(inputs, L.Reshape((3,))(x))


def signal():
    return keras.Sequential(
        [
            L.Input((16, 2)),
            L.Activation(ternary_tanh),
            L.Conv1D(5, 4, padding="causal"),
            L.Activation(ternary_tanh),
            L.AveragePooling1D(3, strides=2, padding="same"),
            L.Activation(ternary_tanh),
            L.Dense(3),
            L.GlobalMaxPooling1D(),
        ]
    )


def nested():
    """Models inside models: a Functional one and a Sequential one, two layers with one name."""
    around = L.Input((6, 5, 2))
    up = L.Conv2DTranspose(4, 4, strides=2, padding="same", name="conv")(around)
    block = keras.Model(around, L.BatchNormalization(name="norm")(up), name="block")
    conv = L.Conv2D(3, 3, strides=3, activation=ternary_tanh, name="conv")
    end = [L.Input((12, 10, 4)), conv, L.Flatten(), L.Dense(5, name="out")]
    x = inputs = L.Input((6, 5, 2))
    x = block(L.Activation(ternary_tanh)(x))
    return keras.Model(inputs, keras.Sequential(end, name="end")(L.Activation(ternary_tanh)(x)))


if __name__ == "__main__":
    save(image(), "keras3_image", "keras")
    save(residual(), "keras3_residual", "h5")
    save(signal(), "keras3_signal", "json")
    save(nested(), "keras3_nested", "h5")
