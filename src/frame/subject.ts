import type { FileMap } from "../emit/index.js";
import { render } from "../emit/templates.js";
import { elementCount, type Network, tensorAt } from "../network/types.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import type { Subject, Vectors } from "../verify/index.js";
import { subjectOf } from "../verify/subject.js";
import { VERSION } from "../version.js";
import { frameFiles } from "./emit.js";
import { type FrameFormat, frameBytes, PIXELS } from "./formats.js";
import { type Frames, frameAt } from "./frames.js";
import type { FrameInput } from "./pixels.js";
import { inputOfPicture, pictureOfFrame } from "./reference.js";

/** The network's inputs that the reference makes of frames. */
export function inputsOfFrames(network: Network, frame: FrameInput, frames: Frames): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  const elements = elementCount(tensor);
  const values = storageArray(tensor.type, frames.count * elements);
  for (let i = 0; i < frames.count; i++) {
    const picture = pictureOfFrame(frameAt(frames, i), frames.format, frame.picture);
    values.set(inputOfPicture(picture, frame), i * elements);
  }
  return { count: frames.count, values };
}

/**
 * A model together with what makes its input of a frame, as one thing to test: frames go in, and the
 * first layer is the network's input. `files` are the model's; where they hold what makes its input,
 * that is tested.
 */
export function framedSubject(
  network: Network,
  name: string,
  files: FileMap,
  frame: FrameInput,
  format: FrameFormat,
): Subject {
  const inner = subjectOf(network, name, files);
  const own = `${name}_framed`;
  const view = {
    name,
    upper: name.toUpperCase(),
    own,
    ownUpper: own.toUpperCase(),
    bytes: frameBytes(format),
    width: format.width,
    height: format.height,
    format: PIXELS[format.pixels].constant,
  };
  return {
    name: own,
    parts: [name],
    sources: new Map([
      ...frameFiles(frame, name, { version: VERSION }),
      ...files,
      [`${own}.h`, render("frame/framed.h.hbs", view)],
      [`${own}.c`, render("frame/framed.c.hbs", view)],
    ]),
    input: { elements: frameBytes(format), type: "uint8" },
    output: inner.output,
    layers: [
      { name: "input", origin: "the frame's picture", format: inner.input },
      ...inner.layers,
    ],
  };
}

/** Frames, and what the reference and the simulator make of them: `vectors` are of its inputs. */
export function framedVectors(frames: Frames, vectors: Vectors): Vectors {
  const elements = vectors.inputs.length / vectors.count;
  return {
    count: frames.count,
    inputs: frames.data,
    expected: vectors.expected,
    trace: (index) => [
      Int32Array.from(vectors.inputs.subarray(index * elements, (index + 1) * elements)),
      ...vectors.trace(index),
    ],
  };
}
