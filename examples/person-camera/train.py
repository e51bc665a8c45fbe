"""Train a small ternary network that tells images with a person from images without.

    pip install -r requirements.txt
    python train.py DATA                 # writes model.onnx beside this file
    python train.py DATA --float         # the same network and recipe in float32, for comparison

DATA is a folder or an .npz file: load_images says how they are laid out. Every weight ends up as
one of three values {-s, 0, +s} in its output channel, every activation as one of 256. All
randomness is seeded. Two CPU cores are enough; a GPU is used when there is one.
"""

import argparse
import logging
import time
from pathlib import Path

import numpy as np
import onnx_ir
import onnxruntime
import torch
import torch.nn.functional as F
from onnx_ir.passes.common import ClearMetadataAndDocStringPass
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.fusion import fuse_conv_bn_eval

HERE = Path(__file__).parent
CLASSES = ("no-person", "person")
SIDE = 32  # Pixels: an image is uint8 [SIDE, SIDE, 3], rows of pixels of red, green and blue.
PIXEL_SCALE = 1 / 255
BATCH = 100
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


# --- Data -----------------------------------------------------------------------------------------


def load_images(data: Path, part: str) -> tuple[Tensor, Tensor]:
    """Images uint8 [N, 32, 32, 3] and their classes [N], 1 for a person. `part`: "train" or "test".

    An .npz file holds x_train and x_test, uint8 [N, 32, 32, 3], and y_train and y_test, 0 or 1.
    A folder holds train/no-person, train/person, test/no-person and test/person, each with image
    files of any size; the largest square in the middle of each is scaled to 32x32.
    """
    if data.is_dir():
        folders = [sorted((data / part / name).iterdir()) for name in CLASSES]
        images = np.stack([square(file) for folder in folders for file in folder])
        classes = np.repeat([0, 1], [len(folder) for folder in folders])
    else:
        with np.load(data) as arrays:
            images, classes = arrays[f"x_{part}"], arrays[f"y_{part}"]
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE, 3):
        raise SystemExit(f"{part}: {images.dtype} {images.shape} is not uint8 [N, 32, 32, 3]")
    if set(np.unique(classes)) != {0, 1}:
        raise SystemExit(f"{part}: needs images of both classes, 0 (no person) and 1 (a person)")
    return torch.tensor(images), torch.tensor(classes, dtype=torch.long)


def square(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (SIDE, SIDE), Image.Resampling.BOX))


def pixels(images: Tensor) -> Tensor:
    """What the network computes with: [N, 3, 32, 32] in [0, 1]."""
    return images.permute(0, 3, 1, 2) * PIXEL_SCALE


def augment(x: Tensor) -> Tensor:
    """Random views of images [N, 3, 32, 32] in [0, 1]: mirrored, turned, scaled, moved, in another
    light, with a hole."""
    n = len(x)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.empty(n, *shape, device=x.device).uniform_(low, high)

    angle, zoom, mirror = uniform(-0.2, 0.2), uniform(0.8, 1.1), uniform(-1, 1).sign()
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    rows = [cos * mirror, -sin, uniform(-0.2, 0.2), sin * mirror, cos, uniform(-0.2, 0.2)]
    grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)

    gray = x.mean(1, keepdim=True)
    x = gray + (x - gray) * uniform(0.5, 1.4, 1, 1, 1)
    level = x.mean((1, 2, 3), keepdim=True)
    x = level + (x - level) * uniform(0.7, 1.3, 1, 1, 1)
    x = x * uniform(0.9, 1.1, 3, 1, 1) + uniform(-0.15, 0.15, 1, 1, 1)

    axis = torch.arange(SIDE, device=x.device)
    columns = (axis - uniform(0, SIDE, 1)).abs() < uniform(0, 7, 1)
    rows = (axis - uniform(0, SIDE, 1)).abs() < uniform(0, 7, 1)
    hole = (rows[:, :, None] & columns[:, None, :])[:, None]
    return x.clamp(0, 1).masked_fill(hole, 0.5).contiguous(memory_format=torch.channels_last)


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

    def get_extra_state(self) -> float:
        return self.peak

    def set_extra_state(self, state: float) -> None:
        self.peak = state


# --- The network ----------------------------------------------------------------------------------


def block(channels_in: int, channels_out: int, activation: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        activation(),
    )


def float_network(activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Six 3x3 convolutions, an average and a classifier: from pixels in [0, 1] to two logits."""
    return nn.Sequential(
        block(3, 16, activation),
        nn.MaxPool2d(2),
        block(16, 32, activation),
        nn.MaxPool2d(2),
        block(32, 48, activation),
        block(48, 48, activation),
        nn.MaxPool2d(2),
        block(48, 64, activation),
        block(64, 64, activation),
        nn.AdaptiveAvgPool2d(1),
        activation(),
        nn.Flatten(),
        nn.Linear(64, len(CLASSES)),
    )


def ternary_network() -> nn.Sequential:
    """The same network with ternary weights, first and last layer too, and 8-bit activations."""
    net = float_network(QuantizedReLU)
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            parametrize.register_parametrization(layer, "weight", Ternary())
    return net


def train(
    net: nn.Module,
    images: Tensor,
    classes: Tensor,
    epochs: int,
    rate: float,
    checkpoint: Path | None,
) -> None:
    """Both classes weigh the same, however many images each has. Goes on from a checkpoint file."""
    images, classes = images.to(DEVICE), classes.to(DEVICE)
    weight = len(classes) / (2 * torch.bincount(classes).float())
    steps = epochs * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=rate, total_steps=steps, pct_start=0.15
    )
    parts = {"net": net, "optimizer": optimizer, "schedule": schedule}
    done = 0
    if checkpoint and checkpoint.exists():
        state = torch.load(checkpoint, map_location=DEVICE)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        done = state["epochs"]
        torch.set_rng_state(state["random"].cpu())
    net.train()
    for epoch in range(done, epochs):
        start, total = time.monotonic(), 0.0
        for batch in torch.randperm(len(images)).to(DEVICE).split(BATCH):
            views = augment(pixels(images[batch]))
            loss = F.cross_entropy(net(views), classes[batch], weight=weight, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        seconds = time.monotonic() - start
        print(f"epoch {epoch + 1}/{epochs}  loss {total / len(images):.4f}  {seconds:.1f} s", flush=True)
        if checkpoint:
            state = {name: part.state_dict() for name, part in parts.items()}
            torch.save(state | {"epochs": epoch + 1, "random": torch.get_rng_state()}, checkpoint)
    net.eval()


# --- Export ---------------------------------------------------------------------------------------


def dequantize(integers: Tensor, scale: Tensor, axis: int = 0) -> Tensor:
    """An ONNX DequantizeLinear in the exported graph; without a zero point, which is then 0."""
    return torch.onnx.ops.symbolic(
        "DequantizeLinear",
        (integers, scale),
        {"axis": axis},
        dtype=torch.float32,
        shape=integers.shape,
    )


class Trits(nn.Module):
    """A weight as the file holds it: -1, 0 and 1 in int8, and a scale for each output channel."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.flatten(1).abs().amax(1)
        self.register_buffer("scale", torch.where(scale > 0, scale, 1.0))
        self.register_buffer("trits", weight.sign().to(torch.int8))

    def forward(self, _: Tensor) -> Tensor:
        return dequantize(self.trits, self.scale)


class FromBytes(nn.Module):
    """The network with DequantizeLinear in front: it takes the image's own bytes."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("scale", torch.tensor(PIXEL_SCALE))

    def forward(self, image: Tensor) -> Tensor:
        return self.net(dequantize(image, self.scale).permute(0, 3, 1, 2))


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

    folded_net = nn.Sequential(*map(folded, net))
    for layer in folded_net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            trits = Trits(layer.weight.detach())
            parametrize.register_parametrization(layer, "weight", trits, unsafe=True)
    return folded_net


def export(net: nn.Sequential, path: Path) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    example = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        FromBytes(fold(net.cpu())).eval(),
        (example,),
        input_names=["image"],
        output_names=["logits"],
        dynamo=True,
        verbose=False,
    )
    # The exporter leaves stack traces in the file, which say where on whose disk it was made.
    ClearMetadataAndDocStringPass()(program.model)
    onnx_ir.save(program.model, path)


def run_onnx(path: Path, images: Tensor) -> Tensor:
    """Logits [N, 2] by onnxruntime, one image at a time as on a microcontroller."""
    options = onnxruntime.SessionOptions()
    # As the file says it: left to optimise, onnxruntime rounds the ternary weights to int8 as well.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options)
    logits = [session.run(None, {"image": image[None].numpy()})[0] for image in images]
    return torch.tensor(np.concatenate(logits))


# --- All together ---------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the person / no-person network.")
    parser.add_argument("data", type=Path, help="an .npz file or a folder; see load_images")
    parser.add_argument("--float", action="store_true", help="float32; nothing is exported")
    parser.add_argument("--out", type=Path, default=HERE / "model.onnx")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rate", type=float, default=5e-3, help="the highest learning rate")
    parser.add_argument("--start", type=Path, help="a checkpoint whose network to start from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, help="state after each epoch, to go on from")
    options = parser.parse_args()
    torch.manual_seed(options.seed)

    net = float_network() if options.float else ternary_network()
    if options.start:
        net.load_state_dict(torch.load(options.start, map_location="cpu")["net"])
    images, classes = load_images(options.data, "train")
    train(net.to(DEVICE), images, classes, options.epochs, options.rate, options.checkpoint)

    images, classes = load_images(options.data, "test")
    if options.float:
        with torch.no_grad():
            logits = net.cpu()(pixels(images))
    else:
        export(net, options.out)
        logits = run_onnx(options.out, images)
    print(f"{(logits.argmax(1) == classes).float().mean():.2%} of {len(classes)} test images")


if __name__ == "__main__":
    main()
