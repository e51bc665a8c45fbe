"""Makes two networks in safetensors with their architectures, and what PyTorch computes with them.

Needs torch and safetensors. Every way of storing ternary weights that an architecture file can name
has a layer: latent weights with three rules, packed weights in both conventions of their scale,
integers with a scale for each output, and plain floats. stack is a block of BitNet b1.58: norms and
quantisers that depend on each token.
"""

import json

import numpy as np
import torch
from safetensors.torch import save_file

torch.manual_seed(3)
WIDTH = 13
VECTORS = 16
tensors, layers, steps = {}, [], []


def pack(trits):
    """Rows i, i + R, i + 2R, i + 3R at bits 0, 2, 4, 6, each trit plus one."""
    rows = (trits.shape[0] + 3) // 4
    packed = torch.zeros(rows, trits.shape[1], dtype=torch.uint8)
    for part in range(4):
        own = trits[part * rows : (part + 1) * rows]
        packed[: own.shape[0]] |= (own + 1).to(torch.uint8) << (2 * part)
    return packed


def quantize(scale, bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    layers.append({"type": "quantize", "scale": scale, "bits": bits, "signed": signed})
    steps.append(lambda x: torch.clamp(torch.round(x / np.float32(scale)), low, high) * np.float32(scale))


def linear(name, stored, weight, **fields):
    tensors[f"{name}.weight"] = stored
    layers.append({"type": "linear", "name": name, "weight": f"{name}.weight", **fields})
    bias = tensors.get(f"{name}.bias")
    steps.append(lambda x: torch.nn.functional.linear(x, weight, None if bias is None else bias.float()))


def latent():
    return torch.randn(WIDTH, WIDTH) * 0.3


def absmean(w, scale):
    s = 1 / scale.clamp(min=1e-5)
    return (w * s).round().clamp(-1, 1) / s


def twn(w):
    delta = 0.7 * w.abs().mean(dim=1, keepdim=True)
    kept = w.abs() > delta
    return torch.sign(w) * kept * ((w.abs() * kept).sum(dim=1, keepdim=True) / kept.sum(dim=1, keepdim=True))


quantize(0.02, 8, True)
w = latent()
linear("absmean", w, absmean(w, w.abs().mean()), weights="absmean")
tensors |= {
    "norm.weight": torch.rand(WIDTH) + 0.5,
    "norm.bias": torch.randn(WIDTH) * 0.3,
    "norm.mean": torch.randn(WIDTH),
    "norm.var": torch.rand(WIDTH) + 0.3,
}
layers.append({"type": "batchNorm", "weight": "norm.weight", "bias": "norm.bias", "mean": "norm.mean", "variance": "norm.var", "epsilon": 1e-5})
steps.append(lambda x: torch.nn.functional.batch_norm(x, tensors["norm.mean"], tensors["norm.var"], tensors["norm.weight"], tensors["norm.bias"]))
layers.append({"type": "relu"})
steps.append(torch.relu)
quantize(0.015, 8, False)
layers[-1]["name"] = "trunk"
trunk = len(steps)
w = latent()
linear("absmedian", w, absmean(w, w.abs().median()), weights="absmedian")
quantize(0.03, 8, True)
trits = torch.randint(-1, 2, (WIDTH, WIDTH))
tensors["divided.scale"] = torch.tensor([3.7])
linear("divided", pack(trits), trits / torch.tensor(3.7), weights="packed", outputs=WIDTH, scale="divided.scale", scaleIs="divided")
quantize(0.02, 6, True)
layers.append({"type": "add", "with": "trunk"})
steps.append("add")
quantize(0.03, 8, True)
trits = torch.randint(-1, 2, (12, WIDTH))
tensors["multiplied.scale"] = torch.tensor([0.21], dtype=torch.bfloat16)
linear("multiplied", pack(trits), trits * tensors["multiplied.scale"].float(), weights="packed", scale="multiplied.scale", scaleIs="multiplied")
layers.append({"type": "ternary", "threshold": 0.25})
steps.append(lambda x: (x > 0.25).float() - (x < -0.25).float())
w = torch.randn(9, 12)
tensors["twn.bias"] = (torch.randn(9) * 0.2).half()
linear("twn", w, twn(w), weights="twn", perChannel=True, bias="twn.bias")
layers.append({"type": "sign"})
steps.append(lambda x: (x >= 0).float() * 2 - 1)
trits = torch.randint(-1, 2, (7, 9), dtype=torch.int8)
tensors["rows.scale"] = torch.rand(7) + 0.1
linear("rows", trits, trits * tensors["rows.scale"][:, None], scale="rows.scale", scaleIs="multiplied")
quantize(0.05, 8, True)
w = (torch.randint(-1, 2, (5, 7)) * 0.125).double()
linear("plain", w, w.float())

x = torch.randn(4 * VECTORS, WIDTH)


def run(x):
    kept = None
    for i, step in enumerate(steps):
        x = x + kept if step == "add" else step(x)
        kept = x if i + 1 == trunk else kept
    return x


y = run(x)
steady = torch.ones(len(x), dtype=torch.bool)
for factor in (1 - 1e-6, 1 + 1e-6):
    steady &= torch.isclose(run(x * factor), y, rtol=1e-4, atol=1e-4).all(dim=1)
kept = torch.nonzero(steady)[:VECTORS, 0]
save_file(tensors, "bitlinear.safetensors")


def save_architecture(path, width, layers):
    with open(path, "w") as file:
        json.dump({"format": "tritc-architecture", "version": 1, "input": [width], "layers": layers}, file, indent=1)
        file.write("\n")


save_architecture("bitlinear.json", WIDTH, layers)
np.save("bitlinear.inputs.npy", x[kept].numpy())
np.save("bitlinear.outputs.npy", y[kept].numpy())
print(len(kept), y[kept].abs().max())


INNER = 40
block = {
    "norm.weight": torch.rand(WIDTH) + 0.5,
    "up.weight": torch.randn(INNER, WIDTH),
    "sub_norm.weight": torch.rand(INNER) + 0.5,
    "down.weight": torch.randn(WIDTH, INNER),
}


def rms_norm(x, weight):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def activations(x):
    s = 127.0 / x.abs().amax(-1, keepdim=True).clamp(min=1e-5)
    return (x * s).round().clamp(-128, 127) / s


def bit_linear(x, w):
    return activations(x) @ absmean(w, w.abs().mean()).T


x = torch.randn(VECTORS, WIDTH)
h = torch.relu(bit_linear(rms_norm(x, block["norm.weight"]), block["up.weight"])) ** 2
y = bit_linear(rms_norm(h, block["sub_norm.weight"]), block["down.weight"])
save_file(block, "stack.safetensors")
save_architecture("stack.json", WIDTH, [
    {"type": "rmsNorm", "weight": "norm.weight"}, {"type": "absmax"},
    {"type": "linear", "weight": "up.weight", "weights": "absmean"}, {"type": "squaredRelu"},
    {"type": "rmsNorm", "weight": "sub_norm.weight"}, {"type": "absmax"},
    {"type": "linear", "weight": "down.weight", "weights": "absmean"},
])  # fmt: skip
np.save("stack.inputs.npy", x.numpy())
np.save("stack.outputs.npy", y.numpy())
