"""Train a small ternary network on handwritten digits and export it to ONNX.

    pip install -r requirements.txt
    python train.py

Every weight ends up as one of three values {-s, 0, +s}, every activation as one of 256. Writes
model.onnx beside this file, with the held-back images, their labels and the logits onnxruntime
computes for them. All randomness is seeded: the same library versions write the same files.
"""

import logging
from pathlib import Path

import numpy as np
import onnx_ir
import onnxruntime
import torch
import torch.nn.functional as F
from onnx_ir.passes.common import ClearMetadataAndDocStringPass
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.fusion import fuse_conv_bn_eval

HERE = Path(__file__).parent
SEED = 1
TEST_IMAGES = 360
EPOCHS = 60
BATCH = 64
PIXEL_SCALE = 1 / 16  # A pixel counts 0 to 16 dots of ink.


# --- Data -----------------------------------------------------------------------------------------


def load_images() -> list[np.ndarray]:
    """Training images, test images, training labels, test labels. An image is uint8 [1, 8, 8]."""
    digits = load_digits()
    images = digits.images.astype(np.uint8)[:, np.newaxis]
    labels = digits.target.astype(np.uint8)
    return train_test_split(
        images, labels, test_size=TEST_IMAGES, random_state=SEED, stratify=labels
    )


# --- Living with few values -----------------------------------------------------------------------


class Ternary(nn.Module):
    """Rounds a weight to {-s, 0, +s}, where s is its mean magnitude (the rule of BitNet b1.58).

    Rounding has no useful gradient, so the gradient passes straight through to the latent weight.
    """

    def forward(self, latent: Tensor) -> Tensor:
        scale = latent.abs().mean().clamp(min=1e-5)
        rounded = (latent / scale).round().clamp(-1, 1) * scale
        return rounded.detach() + (latent - latent.detach())  # The bracket is 0, its gradient 1.


class QuantizedReLU(nn.Module):
    """ReLU, then 8 unsigned bits. The scale follows the peaks in training, then stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = 1.0

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(x)
        if self.training:
            self.peak += 0.05 * (x.max().item() - self.peak)
        return torch.fake_quantize_per_tensor_affine(x, self.peak / 255, 0, 0, 255)


# --- The network ----------------------------------------------------------------------------------


def block(channels_in: int, channels_out: int, activation: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        activation(),
    )


def float_network(activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Three 3x3 convolutions and a classifier, from pixels in [0, 1] to ten logits."""
    return nn.Sequential(
        block(1, 16, activation),
        block(16, 32, activation),
        nn.MaxPool2d(2),
        block(32, 32, activation),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, 10),
    )


def ternary_network() -> nn.Sequential:
    """The same network with ternary weights, first and last layer too, and 8-bit activations."""
    net = float_network(QuantizedReLU)
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            parametrize.register_parametrization(layer, "weight", Ternary())
    return net


def train(net: nn.Module, images: Tensor, labels: Tensor) -> None:
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    net.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(net(images[batch]), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()


def accuracy(logits: np.ndarray | Tensor, labels: np.ndarray | Tensor) -> float:
    return float((logits.argmax(1) == labels).sum()) / len(labels)


# --- Export ---------------------------------------------------------------------------------------


def fold(net: nn.Sequential) -> nn.Sequential:
    """The same function in plain layers: latent weights dropped, BatchNorm folded into the convs.

    Folding multiplies a channel's weights by gamma / sqrt(variance + epsilon), so that s becomes a
    scale per output channel; a negative gamma turns the channel's signs round.
    """
    for layer in net.modules():
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight")

    def folded(layer: nn.Module) -> nn.Module:
        if not isinstance(layer, nn.Sequential):
            return layer
        conv, norm, activation = layer
        return nn.Sequential(fuse_conv_bn_eval(conv, norm), activation)

    return nn.Sequential(*map(folded, net))


class FromBytes(nn.Module):
    """Puts DequantizeLinear in front, so that the exported model takes the image's own bytes."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("scale", torch.tensor(PIXEL_SCALE))
        self.register_buffer("zero", torch.tensor(0, dtype=torch.uint8))

    def forward(self, image: Tensor) -> Tensor:
        pixels = torch.onnx.ops.symbolic(
            "DequantizeLinear",
            (image, self.scale, self.zero),
            dtype=torch.float32,
            shape=image.shape,
        )
        return self.net(pixels)


def export(net: nn.Sequential, path: Path) -> None:
    example = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    program = torch.onnx.export(
        FromBytes(fold(net)).eval(),
        (example,),
        input_names=["image"],
        output_names=["logits"],
        dynamo=True,
        verbose=False,
    )
    # The exporter leaves stack traces in the file, which say where on whose disk it was made.
    ClearMetadataAndDocStringPass()(program.model)
    onnx_ir.save(program.model, path)


def run_onnx(path: Path, images: np.ndarray) -> np.ndarray:
    """Logits [N, 10] by onnxruntime, one image at a time as on a microcontroller."""
    options = onnxruntime.SessionOptions()
    # As the file says it: left to optimise, onnxruntime rounds the ternary weights to int8 as well.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options)
    return np.concatenate([session.run(None, {"image": image[np.newaxis]})[0] for image in images])


# --- All together ---------------------------------------------------------------------------------


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)

    train_images, test_images, train_labels, test_labels = load_images()
    pixels = torch.tensor(train_images) * PIXEL_SCALE
    targets = torch.tensor(train_labels, dtype=torch.long)

    float_net = float_network()
    train(float_net, pixels, targets)
    with torch.no_grad():
        float_logits = float_net(torch.tensor(test_images) * PIXEL_SCALE)

    ternary_net = ternary_network()
    train(ternary_net, pixels, targets)
    export(ternary_net, HERE / "model.onnx")
    logits = run_onnx(HERE / "model.onnx", test_images)

    np.save(HERE / "test_images.npy", test_images)
    np.save(HERE / "test_labels.npy", test_labels)
    np.save(HERE / "test_logits.npy", logits)

    print(f"float network          {accuracy(float_logits, torch.tensor(test_labels)):.2%}")
    print(f"ternary model.onnx     {accuracy(logits, test_labels):.2%}")


if __name__ == "__main__":
    main()
