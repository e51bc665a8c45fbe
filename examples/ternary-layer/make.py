"""Writes the two networks of this example with NumPy, and what they answer to two patterns.

A layer is a matrix of -1, 0 and 1, a bias, and a sign that has no zero: x > 0 ? 1 : -1. The input
is any real numbers; they become -1 and 1 by the same sign.
"""

import numpy as np

PATTERNS = np.array([[1, 0.5, 1, -0.2], [-1, -0.5, -1, 0.2]], np.float32)

LAYER = {
    "w0": [[1, 0], [0, 1], [1, 1], [-1, 0]],  # 4 inputs, 2 outputs
    "b0": [0, 0.5],
}

CHAIN = {
    "w0": [[1, 0, -1, 1], [0, 1, -1, 0], [1, 1, 0, -1], [0, -1, 1, 1]],
    "b0": [0, 0, -1, 0],
    "w1": [[1, -1, 0], [1, 0, 1], [-1, 1, 1], [0, 1, 0]],
    "b1": [0, 0.5, 0],
    "w2": [[1, 1], [0, -1], [-1, 1]],
    "b2": [-0.5, 0],
}


def sign(x):
    return np.where(x > 0, 1, -1)


def run(network, x):
    x = sign(x)
    for i in range(len(network) // 2):
        x = sign(x @ np.array(network[f"w{i}"]) + np.array(network[f"b{i}"]))
    return x


def save(name, network):
    outputs = run(network, PATTERNS)
    classes = sign(outputs.sum(axis=1))
    assert (outputs[0] != outputs[1]).any() and classes[0] != classes[1]
    weights = {k: np.array(v, np.int8) for k, v in network.items() if k.startswith("w")}
    biases = {k: np.array(v, np.float32) for k, v in network.items() if k.startswith("b")}
    np.savez(f"{name}.npz", **weights, **biases)
    np.save(f"{name}_outputs.npy", outputs.astype(np.float32))
    print(name, *(f"{p} -> {o}, class {c:+d}" for p, o, c in zip(PATTERNS, outputs, classes)), sep="\n  ")


if __name__ == "__main__":
    np.save("patterns.npy", PATTERNS)
    save("layer", LAYER)
    save("chain", CHAIN)
