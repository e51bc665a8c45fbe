"""Makes the test models, the vectors and outputs that go with them, and README.md.

    pip install numpy onnx onnxruntime qonnx
    python make_models.py [NAME...]

A model's outputs come from a runtime that knows nothing of tritc. An input vector is kept only if
that runtime (float32) and recipes/reference.py (float64) agree on the outputs: where they do not,
float32 rounding has moved a value across a break point, and the vector proves nothing.
"""

import sys
import textwrap
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from recipes import (  # noqa: F401
    dense, depthwise, ends, operators, pooling, qonnx, reference, residual, signals, weights,
)  # fmt: skip
from recipes.builder import Net, Tensor, images
from recipes.fixture import FIXTURES, Fixture

HERE = Path(__file__).parent
CALIBRATION = 48  # images that scales and BatchNorm statistics are measured on
CANDIDATES = 64  # other images that the test vectors are taken from
SMALLEST_YIELD = 0.5  # of the candidates must be good, or the model itself is at fault


def inputs_for(fixture: Fixture, rng: np.random.Generator, count: int) -> np.ndarray:
    shape = fixture.shape if len(fixture.shape) == 3 else (1, 1, *fixture.shape)[-3:]
    batch = images(rng, count, *shape).reshape(count, *fixture.shape)
    if fixture.dtype == np.uint8:
        return batch
    if fixture.dtype == np.int8:
        return (batch.astype(np.int16) - 128).astype(np.int8)
    return batch / np.float32(fixture.divisor)


def build(fixture: Fixture) -> onnx.ModelProto:
    rng = np.random.default_rng(zlib.crc32(fixture.name.encode()))
    net = Net(rng)
    x = Tensor("input", inputs_for(fixture, rng, CALIBRATION))
    y = fixture.build(net, x)
    return net.model(
        x,
        y,
        opset=fixture.opset,
        domains=fixture.domains,
        list_initializers=fixture.list_initializers,
    )


# --- Runtimes: model and vectors in, outputs of each vector out -----------------------------------


def by_reference(model: onnx.ModelProto, vectors: np.ndarray) -> list[np.ndarray]:
    output = model.graph.output[0].name
    results = [reference.run(model, v[np.newaxis])[output][0] for v in vectors]
    return [r.astype(np.float32) if r.dtype == np.float64 else r for r in results]


def by_onnxruntime(model: onnx.ModelProto, vectors: np.ndarray) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    # The graph as it is written: optimised, onnxruntime replaces parts of it with integer kernels.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return [session.run(None, {"input": v[np.newaxis]})[0][0] for v in vectors]


def by_qonnx(model: onnx.ModelProto, vectors: np.ndarray) -> list[np.ndarray]:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    wrapper = ModelWrapper(with_current_domain(model)).transform(InferShapes())
    output = model.graph.output[0].name
    return [execute_onnx(wrapper, {"input": v[np.newaxis]})[output][0] for v in vectors]


def with_current_domain(model: onnx.ModelProto) -> onnx.ModelProto:
    """The custom operators under the name and import the qonnx package knows them by."""
    current = onnx.ModelProto()
    current.CopyFrom(model)
    for node in current.graph.node:
        node.domain = node.domain and qonnx.QONNX
    imports = [onnx.helper.make_opsetid(*d) for d in (("", opset(model)), (qonnx.QONNX, 1))]
    del current.opset_import[:]
    current.opset_import.extend(imports)
    return current


def opset(model: onnx.ModelProto) -> int:
    return next(i.version for i in model.opset_import if i.domain == "")


RUNTIMES = {"onnxruntime": by_onnxruntime, "qonnx": by_qonnx, "reference": by_reference}


def agreeing(expected: list[np.ndarray], actual: list[np.ndarray]) -> list[int]:
    tolerance = 1e-5 * max(1.0, float(np.abs(np.stack(expected)).max()))
    pairs = zip(expected, actual, strict=True)
    return [i for i, (a, b) in enumerate(pairs) if np.abs(a - b).max() <= tolerance]


# --- Files ----------------------------------------------------------------------------------------


def make(fixture: Fixture) -> None:
    model = build(fixture)
    rng = np.random.default_rng(zlib.crc32(f"{fixture.name} vectors".encode()))
    candidates = inputs_for(fixture, rng, CANDIDATES)
    outputs = RUNTIMES[fixture.runtime](model, candidates)
    good = agreeing(by_reference(model, candidates), outputs)
    print(f"{fixture.name:30} {len(good)} of {CANDIDATES} vectors agree")
    if len(good) < max(fixture.vectors, SMALLEST_YIELD * CANDIDATES):
        raise ValueError(f"{fixture.name}: only {len(good)} vectors agree with the reference")
    kept = good[: fixture.vectors]
    save(fixture, model)
    np.save(HERE / f"{fixture.name}.inputs.npy", candidates[kept])
    np.save(HERE / f"{fixture.name}.outputs.npy", np.stack([outputs[i] for i in kept]))
    if fixture.head:
        logits = model.graph.node[-1].input[0]
        values = [reference.run(model, candidates[i][np.newaxis])[logits][0] for i in kept]
        np.save(HERE / f"{fixture.name}.logits.npy", np.stack(values).astype(np.float32))


def save(fixture: Fixture, model: onnx.ModelProto) -> None:
    path = HERE / f"{fixture.name}.onnx"
    if fixture.external_data:
        data = f"{path.name}.data"
        (HERE / data).unlink(missing_ok=True)  # onnx appends to a file that is there
        onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=256)
    else:
        onnx.save(model, path)


README = """\
# Test models

Small trained-looking networks, each built around one thing that compilers get wrong. Weights are
random but seeded; BatchNorm statistics and quantiser scales are measured on synthetic images, so
activations spread over their range. No data set is involved.

Each model is three files: `NAME.onnx`, `NAME.inputs.npy` (vectors, batch first) and
`NAME.outputs.npy` (the model's output for each). Where the output is a decision, `NAME.logits.npy`
holds what it was made from. The outputs are onnxruntime's with its graph optimisations off, or
where the list says so those of the `qonnx` package or of the float64
[reference](recipes/reference.py). A vector is only kept when that runtime and the reference agree
to 1e-5, so that float32 rounding decides nothing: a compiler that is exact reproduces every one.

`python make_models.py` makes everything here, this page too; a model's recipe is the function of
its name in [recipes/](recipes), and its line below is that function's docstring.
"""


def write_readme() -> None:
    parts = [README]
    for family in dict.fromkeys(f.family for f in FIXTURES):
        parts.append(f"\n## {family.capitalize()}\n\n")
        parts.extend(entry(f) for f in FIXTURES if f.family == family)
    (HERE / "README.md").write_text("".join(parts))


def entry(fixture: Fixture) -> str:
    shape = "x".join(map(str, fixture.shape))
    judge = "" if fixture.runtime == "onnxruntime" else f", by {fixture.runtime}"
    text = f"`{fixture.name}` ({np.dtype(fixture.dtype)} {shape}{judge}): {fixture.trap}"
    return textwrap.fill(text, 100, initial_indent="- ", subsequent_indent="  ") + "\n"


def main() -> None:
    wanted = set(sys.argv[1:])
    for fixture in FIXTURES:
        if not wanted or fixture.name in wanted:
            make(fixture)
    write_readme()


if __name__ == "__main__":
    main()
