import type { FileMap } from "../../emit/index.js";
import type { FrameFormat } from "../../frame/formats.js";
import { type Frames, seededFrames } from "../../frame/frames.js";
import { type FrameInput, frameInputOf } from "../../frame/pixels.js";
import { framedSubject, framedVectors, inputsOfFrames } from "../../frame/subject.js";
import { readFrames } from "../../io/frames.js";
import type { Target } from "../../targets/index.js";
import { type Chosen, coverageOfInputs } from "../../verify/choose.js";
import type { Subject, Vectors } from "../../verify/index.js";
import { normalisationOf, type PixelFlags, parseFrameFormat } from "../frames.js";
import type { Claim } from "./claim.js";
import { DEFAULT_SEED } from "./outcome.js";

/** A verification that begins at frames of a camera. */
export interface Framed {
  readonly format: FrameFormat;
  /** The network's inputs that the frames become. */
  readonly chosen: Chosen;
  readonly subjectFor: (target: Target) => Subject;
  /** The frames, with what the network's own vectors expect of them. */
  readonly vectors: (own: Vectors) => Vectors;
}

interface Options extends PixelFlags {
  readonly frames?: string;
  readonly inputs?: string;
  readonly seed?: number;
  readonly count?: number;
}

const DEFAULT_COUNT = 16;

/** What `--frames` asks for; null without it. Throws `usage/...` diagnostics. */
export function framedOf(claim: Claim, options: Options): Framed | null {
  if (options.frames === undefined) return null;
  const { network, name, filesFor, frameFiles } = claim;
  const format = parseFrameFormat(options.frames);
  const input = frameInputOf(network, normalisationOf(options));
  const frames = framesOf(format, input, options);
  const inputs = inputsOfFrames(network, input, frames);
  return {
    format,
    chosen: { inputs, coverage: coverageOfInputs(network, inputs) },
    subjectFor: (target) => {
      const files: FileMap = new Map([...filesFor(target), ...frameFiles]);
      return framedSubject(network, name, files, input, format);
    },
    vectors: (own) => framedVectors(frames, own),
  };
}

function framesOf(format: FrameFormat, { picture }: FrameInput, options: Options): Frames {
  const { inputs, seed, count } = options;
  return inputs === undefined
    ? seededFrames(format, picture, seed ?? DEFAULT_SEED, count ?? DEFAULT_COUNT)
    : readFrames(inputs, format, count);
}
