"""What a recipe says about itself: `@fixture(...)` on a function that builds one model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fixture:
    """`build(net, x)` returns the output tensor; its docstring is the trap the model stands for."""

    build: Callable
    shape: tuple[int, ...]
    """Of one input, without the batch axis."""
    dtype: type = np.uint8
    divisor: float = 1.0
    """A float input is an 8-bit image divided by this."""
    opset: int = 13
    domains: tuple[str, ...] = ()
    """Custom domains that the file imports."""
    vectors: int = 16
    runtime: str = "onnxruntime"
    """Who computes the outputs: onnxruntime, qonnx, or reference (float64) where ties need it."""
    head: bool = False
    """The output is a decision; the tensor it is made from is stored too, as logits."""
    external_data: bool = False
    list_initializers: bool = False
    """Initialisers are also listed among the graph's inputs, as old exporters do."""

    @property
    def name(self) -> str:
        return self.build.__name__

    @property
    def family(self) -> str:
        return self.build.__module__.rsplit(".", 1)[-1]

    @property
    def trap(self) -> str:
        return " ".join(self.build.__doc__.split())


FIXTURES: list[Fixture] = []


def fixture(*shape: int, **options):
    def register(build):
        FIXTURES.append(Fixture(build, shape, **options))
        return build

    return register
