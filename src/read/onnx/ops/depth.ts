import type { Shape } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";

/** A reshape, a transposition, a reshape: how blocks of pixels and channels change places. */
interface Rearrangement {
  readonly split: Shape;
  readonly permutation: readonly number[];
  readonly joined: Shape;
}

/** DepthToSpace: channels are [block, block, C], or in mode CRD [C, block, block]. */
function toSpace(
  node: NodeView,
  [n = 1, c = 1, h = 1, w = 1]: Shape,
  block: number,
): Rearrangement {
  const channels = c / block ** 2;
  if (!Number.isInteger(channels)) node.misfit(`${c} channels for blocks of ${block}`);
  const joined = [n, channels, h * block, w * block];
  const mode = node.string("mode", "DCR");
  switch (mode) {
    case "DCR":
      return { split: [n, block, block, channels, h, w], permutation: [0, 3, 4, 1, 5, 2], joined };
    case "CRD":
      return { split: [n, channels, block, block, h, w], permutation: [0, 1, 4, 2, 5, 3], joined };
    default:
      return node.unsupported(`has mode ${mode}`);
  }
}

function toDepth(
  node: NodeView,
  [n = 1, c = 1, h = 1, w = 1]: Shape,
  block: number,
): Rearrangement {
  const [rows, columns] = [h / block, w / block];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    node.misfit(`${showShape([h, w])} pixels for blocks of ${block}`);
  }
  return {
    split: [n, c, rows, block, columns, block],
    permutation: [0, 3, 5, 1, 2, 4],
    joined: [n, c * block ** 2, rows, columns],
  };
}

function rearranging(
  rule: (node: NodeView, shape: Shape, block: number) => Rearrangement,
): Operator {
  return {
    limits: "of images",
    translate: (node, build) => {
      const { shape } = node.runtime(0);
      const block = node.int("blocksize", 0);
      if (shape.length !== 4 || block < 1) {
        node.unsupported(`works on ${showShape(shape)} with blocks of ${block}`);
      }
      emitRearranged(node, build, rule(node, shape, block));
    },
  };
}

function emitRearranged(
  node: NodeView,
  build: GraphBuilder,
  { split, permutation, joined }: Rearrangement,
): void {
  const { origin } = node;
  const { name: input, type } = node.runtime(0);
  const output = node.outputName();
  const [blocks, turned] = [build.fresh(`${output}.blocks`), build.fresh(`${output}.turned`)];
  build.emit({ kind: "reshape", origin, input, output: blocks }, { shape: split, type });
  build.emit(
    { kind: "transpose", origin, input: blocks, permutation, output: turned },
    { shape: permutation.map((axis) => split[axis] ?? 1), type },
  );
  build.emit({ kind: "reshape", origin, input: turned, output }, { shape: joined, type });
}

export const DEPTH: OperatorTable = {
  DepthToSpace: rearranging(toSpace),
  SpaceToDepth: rearranging(toDepth),
};
