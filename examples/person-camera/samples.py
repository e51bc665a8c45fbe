"""Draw a few pictures for trying model.onnx without any photograph, and run it on them.

    python samples.py    # writes sample_images.npy and sample_logits.npy beside this file

Nobody is on them, or at most somebody drawn: they exercise the network, they do not judge it.
"""

import numpy as np
import torch

from train import HERE, SIDE, run_onnx

ROW, COLUMN = np.mgrid[0:SIDE, 0:SIDE]


def paint(image: np.ndarray, inside: np.ndarray, colour: tuple[int, int, int]) -> None:
    image[inside] = colour


def disc(row: float, column: float, height: float, width: float) -> np.ndarray:
    return ((ROW - row) / height) ** 2 + ((COLUMN - column) / width) ** 2 <= 1


def landscape() -> np.ndarray:
    """Sky that fades towards the horizon, grass below it."""
    image = np.empty((SIDE, SIDE, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = 90 + 5 * ROW, 140 + 4 * ROW, 235
    paint(image, ROW >= 20, (70, 130, 50))
    return image


def figure() -> np.ndarray:
    """Somebody in a red shirt in that landscape."""
    image = landscape()
    paint(image, (ROW >= 14) & (ROW < 24) & (abs(COLUMN - 16) < 5), (180, 40, 40))
    paint(image, (ROW >= 24) & (abs(abs(COLUMN - 16) - 2) < 2), (40, 40, 90))
    paint(image, disc(9, 16, 5, 4), (220, 175, 150))
    return image


def face() -> np.ndarray:
    """A face in front of a wall."""
    image = np.full((SIDE, SIDE, 3), (150, 150, 160), np.uint8)
    paint(image, disc(14, 16, 13, 10), (70, 45, 30))
    paint(image, disc(17, 16, 11, 8), (225, 180, 155))
    paint(image, disc(15, 12, 1.2, 2) | disc(15, 20, 1.2, 2), (40, 30, 30))
    paint(image, disc(23, 16, 1.2, 4), (170, 70, 70))
    return image


def ball() -> np.ndarray:
    image = np.full((SIDE, SIDE, 3), (235, 235, 230), np.uint8)
    paint(image, disc(17, 15, 9, 9), (30, 60, 190))
    return image


def main() -> None:
    noise = np.random.default_rng(1)
    images = [
        np.zeros((SIDE, SIDE, 3), np.uint8),
        np.full((SIDE, SIDE, 3), 255, np.uint8),
        landscape(),
        figure(),
        face(),
        ball(),
        np.where((ROW // 4 + COLUMN // 4)[..., np.newaxis] % 2, (220, 200, 40), (20, 60, 60)),
        noise.integers(0, 256, (SIDE, SIDE, 3)),
    ]
    samples = np.stack(images).astype(np.uint8)
    logits = run_onnx(HERE / "model.onnx", torch.tensor(samples)).numpy()
    np.save(HERE / "sample_images.npy", samples)
    np.save(HERE / "sample_logits.npy", logits)
    print(logits)


if __name__ == "__main__":
    main()
