"""A trained network whose activations have no quantisers, for the tests of `--calibrate`.

A depthwise-separable CNN on the 8x8 digits of scikit-learn: ternary weights, BatchNorm, SiLU. Writes
digits_legacy.onnx and digits_dynamo.onnx, by PyTorch's two exporters, and digits.npz: `calibration`
(training images), `images`, `labels` (held out) and `logits` (of onnxruntime, graph as written).

    pip install torch onnx onnxscript onnxruntime scikit-learn
    python make_digits.py
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "models" / "exporters"))
from common import cleaned, onnxruntime_outputs  # noqa: E402

SEED = 1
EPOCHS = 40
BATCH = 64
CALIBRATION = 200


class Ternary(nn.Module):
    """Absmean ternarisation (BitNet b1.58), one scale a channel, with a straight-through gradient."""

    def forward(self, latent: Tensor) -> Tensor:
        axes = tuple(range(1, latent.dim()))
        scale = latent.abs().mean(axes, keepdim=True).clamp(min=1e-5)
        rounded = (latent / scale).round().clamp(-1, 1) * scale
        return rounded.detach() + (latent - latent.detach())


def conv(channels_in: int, channels_out: int, kernel: int, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(
            channels_in, channels_out, kernel, padding=kernel // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(channels_out),
        nn.SiLU(),
    )


def network() -> nn.Sequential:
    net = nn.Sequential(
        conv(1, 16, 3),
        conv(16, 16, 3, groups=16),
        conv(16, 32, 1),
        nn.MaxPool2d(2),
        conv(32, 32, 3, groups=32),
        conv(32, 32, 1),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, 10),
    )
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            parametrize.register_parametrization(layer, "weight", Ternary())
    return net


def train(net: nn.Module, images: Tensor, labels: Tensor) -> None:
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()


def export(net: nn.Module, dynamo: bool) -> onnx.ModelProto:
    path = HERE / f"digits_{'dynamo' if dynamo else 'legacy'}.onnx"
    options = {"external_data": False} if dynamo else {"opset_version": 17}
    torch.onnx.export(net, (torch.zeros(1, 1, 8, 8),), path, dynamo=dynamo, **options)
    model = cleaned(onnx.load(path))
    onnx.save(model, path)
    return model


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, np.newaxis]
    seen, held_out, seen_labels, labels = train_test_split(
        images, digits.target, test_size=360, random_state=SEED, stratify=digits.target
    )
    net = network()
    train(net, torch.from_numpy(seen), torch.from_numpy(seen_labels))
    net.eval()
    for layer in net.modules():
        if parametrize.is_parametrized(layer):
            parametrize.remove_parametrizations(layer, "weight")
    models = [export(net, dynamo) for dynamo in (False, True)]
    logits, others = (onnxruntime_outputs(model, held_out) for model in models)
    assert np.allclose(logits, others, atol=1e-4)
    print("right:", (logits.argmax(1) == labels).mean())
    np.savez_compressed(
        HERE / "digits.npz",
        calibration=seen[:CALIBRATION],
        images=held_out,
        labels=labels.astype(np.uint8),
        logits=logits,
    )


if __name__ == "__main__":
    main()
