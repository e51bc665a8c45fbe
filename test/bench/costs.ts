import type { Counter } from "../../src/bench/counter.js";
import { drawnInputs } from "../../src/bench/inputs.js";
import { benchmark } from "../../src/bench/measure.js";
import { emitC } from "../../src/emit/index.js";
import { KERNELS, type Kernel, shapeOf } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { type Plan, plan } from "../../src/plan/index.js";
import { integer } from "../../src/report/format.js";
import { left, right, table } from "../../src/report/table.js";
import type { Target } from "../../src/targets/index.js";
import type { Configuration } from "../../src/verify/index.js";
import { preferring } from "../kernels/preferring.js";
import { type Draw, ModelBuilder } from "./draw.js";

/** What a kernel was thought to take for one layer, and what it takes. */
export interface CostError {
  readonly core: string;
  readonly kernel: string;
  readonly layer: string;
  readonly zeros: number;
  readonly instructions: Compared;
  /** Null for cores whose cycles nothing models. */
  readonly cycles: Compared | null;
}

export interface Compared {
  readonly planned: number;
  readonly counted: number;
}

/** Extents that nothing divides, sparse and dense: what a model of costs is easily wrong about. */
const DRAWS: readonly [Draw, Draw] = [
  { zeros: 0.5, relu: true },
  { zeros: 0.8, relu: false },
];

const SAME = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;
const HALVING = { ...SAME, strides: [2, 2] } as const;

/** Every kind of layer that a trained network of integers has, in a spread of shapes. */
function spread(draw: Draw): Network {
  const model = new ModelBuilder([3, 15, 14], draw);
  const first = model.conv("first_3x3", model.input(false), { ...SAME, outputs: 16 });
  const conv = model.conv("conv_3x3", first, { ...SAME, outputs: 16 });
  let at = model.maxPool("max_pool", model.sum("sum", conv, first), 2);
  at = model.conv("depthwise_3x3", at, { ...SAME, outputs: 16, depthwise: true });
  at = model.conv("conv_1x1", at, { outputs: 44 });
  at = model.conv("depthwise_3x3_by_2", at, { ...HALVING, outputs: 44, depthwise: true });
  at = model.conv("conv_1x1_wide", at, { outputs: 64 });
  at = model.conv("conv_3x3_by_2", at, { ...HALVING, outputs: 72 });
  at = model.globalAverage("average", at);
  at = model.dense("dense_72x200", at, 200);
  at = model.dense("dense_200x96", at, 96);
  model.dense("dense_96x10", at, 10, false);
  return model.build();
}

/** Runs every kernel that a core can have on every layer of the spread that it can compute. */
export async function costErrors(
  configuration: Configuration,
  counter: Counter,
  draws: readonly Draw[] = DRAWS,
): Promise<readonly CostError[]> {
  const lists = covering(spread(DRAWS[0]), configuration.target);
  return costErrorsOf(lists, configuration, counter, draws);
}

/** The same with the planner's choice from each list of kernels. */
export async function costErrorsOf(
  lists: readonly (readonly Kernel[])[],
  configuration: Configuration,
  counter: Counter,
  draws: readonly Draw[] = DRAWS,
): Promise<readonly CostError[]> {
  const errors = new Map<string, CostError>();
  for (const draw of draws) {
    const network = spread(draw);
    for (const kernels of lists) {
      const planned = plan(network, configuration.target, { kernels });
      const counted = await counts(planned, configuration, counter);
      for (const each of compared(planned, counted, draw)) errors.set(keyOf(each), each);
    }
  }
  return [...errors.values()];
}

function keyOf({ kernel, layer, zeros }: CostError): string {
  return `${kernel} ${layer} ${zeros}`;
}

/** Lists of kernels, one after the other preferred, until each was for some layer. */
function covering(network: Network, target: Target): readonly (readonly Kernel[])[] {
  const shapes = network.layers.map((layer) => shapeOf(layer, network));
  const able = KERNELS.filter((kernel) =>
    shapes.some((shape) => kernel.isFor(shape) && kernel.refuses(shape, target) === null),
  );
  const left = new Set(able);
  const lists: (readonly Kernel[])[] = [];
  for (const kernel of able) {
    if (!left.has(kernel)) continue;
    const list = preferring(kernel);
    lists.push(list);
    for (const used of plan(network, target, { kernels: list }).layers) left.delete(used.kernel);
  }
  return lists;
}

interface Counted {
  readonly instructions: number;
  readonly cycles: number | null;
}

async function counts(
  planned: Plan,
  configuration: Configuration,
  counter: Counter,
): Promise<readonly (Counted | null)[]> {
  const { network } = planned;
  const provenance = { source: "drawn", hash: "", command: "npm run bench", version: "" };
  const compiled = { network, name: "bench", files: emitC(planned, "bench", provenance) };
  const inputs = drawnInputs(network, 1, 1);
  return (await benchmark(compiled, inputs, configuration, counter)).layers;
}

function compared(
  { layers, target }: Plan,
  counted: readonly (Counted | null)[],
  { zeros }: Draw,
): readonly CostError[] {
  return layers.flatMap(({ shape, kernel, cost }, i) => {
    const own = counted[i];
    if (own == null) return [];
    const cycles =
      own.cycles === null ? null : { planned: Math.round(cost.cycles), counted: own.cycles };
    return [
      {
        ...{ core: target.id, kernel: kernel.name, layer: shape.layer.name, zeros, cycles },
        instructions: { planned: Math.round(cost.instructions), counted: own.instructions },
      },
    ];
  });
}

/** How far above what it takes a layer was planned, as a share; below where negative. */
export function errorOf({ planned, counted }: Compared): number {
  return planned / counted - 1;
}

/** Kernel by kernel, layer by layer. */
export function costsText(errors: readonly CostError[]): string {
  const percent = (each: Compared): string => {
    const share = Math.round(100 * errorOf(each));
    return `${share > 0 ? "+" : ""}${share} %`;
  };
  const columns = [
    ...[left("core"), left("kernel"), left("layer"), right("zeros")],
    ...[right("planned"), right("instructions"), right("error")],
    ...[right("planned"), right("cycles"), right("error")],
  ];
  return table(
    columns,
    errors.map(({ core, kernel, layer, zeros, instructions, cycles }) => [
      ...[core, kernel, layer, `${100 * zeros} %`],
      ...[integer(instructions.planned), integer(instructions.counted), percent(instructions)],
      ...(cycles === null
        ? ["", "", ""]
        : [integer(cycles.planned), integer(cycles.counted), percent(cycles)]),
    ]),
  );
}
