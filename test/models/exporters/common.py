"""What the scripts of the exporters share: inputs, a file without traces of this machine, outputs."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

sys.path.append(str(Path(__file__).parent.parent))
from recipes import reference  # noqa: E402

FOLDER = Path(__file__).parent.parent / "exported"
VECTORS = 8


def images(*shape: int, seed: int = 7, count: int = VECTORS) -> np.ndarray:
    """Smooth noise in [0, 1] on the grid of 8-bit pixels, [count, *shape], float32."""
    rng = np.random.default_rng(seed)
    noise = rng.random((count, *shape))
    noise = (noise + np.roll(noise, 1, -1)) / 2
    return (np.rint(noise * 255) / 255).astype(np.float32)


def trits(rng: np.random.Generator, *shape: int, zeros: float = 0.4) -> np.ndarray:
    return (rng.choice([-1, 1], shape) * (rng.random(shape) > zeros)).astype(np.float32)


def cleaned(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without source lines, paths and shapes between nodes, which are large and of no use here."""
    model.doc_string = ""
    del model.metadata_props[:]
    graph = model.graph
    graph.doc_string = ""
    del graph.metadata_props[:]
    del graph.value_info[:]
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*graph.input, *graph.output, *graph.initializer]:
        value.doc_string = ""
        del value.metadata_props[:]
    return model


def onnxruntime_outputs(model: onnx.ModelProto, inputs: np.ndarray) -> np.ndarray:
    """One vector at a time, with the graph as it is written."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    (feed, *_) = session.get_inputs()
    return np.concatenate([session.run(None, {feed.name: x[np.newaxis]})[0] for x in inputs])


def undecided_by_noise(model, inputs, outputs) -> np.ndarray:
    """The vectors for which float64 gives the same: in the others float32 rounding has moved a value
    across a break point of a quantiser."""
    output = model.graph.output[0].name
    exact = [reference.run(model, x[np.newaxis])[output][0] for x in inputs]
    pairs = zip(exact, outputs, strict=True)
    return np.array([np.abs(a - b).max() <= 1e-5 * np.abs(outputs).max() for a, b in pairs])


def save(name: str, model: onnx.ModelProto, inputs: np.ndarray, outputs=None) -> None:
    """Writes the three files; the outputs are onnxruntime's unless given. Of more candidates than
    vectors are wanted, those are kept that float32 noise does not decide."""
    FOLDER.mkdir(exist_ok=True)
    model = cleaned(model)
    if outputs is None:
        outputs = onnxruntime_outputs(model, inputs)
    if len(inputs) > VECTORS:
        good = undecided_by_noise(model, inputs, outputs)
        inputs, outputs = inputs[good][:VECTORS], outputs[good][:VECTORS]
    onnx.save(model, FOLDER / f"{name}.onnx")
    np.save(FOLDER / f"{name}.inputs.npy", inputs)
    np.save(FOLDER / f"{name}.outputs.npy", np.asarray(outputs))
    size = (FOLDER / f"{name}.onnx").stat().st_size
    print(f"{name:32} {size:6} bytes, {len(np.unique(outputs))} different outputs")
