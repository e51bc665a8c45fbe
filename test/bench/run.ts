import type { Counter, Executed } from "../../src/bench/counter.js";
import { drawnInputs } from "../../src/bench/inputs.js";
import { type Benchmark, benchmark } from "../../src/bench/measure.js";
import { emitC } from "../../src/emit/index.js";
import { KERNELS, type Kernel, type LayerShape } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { type Optimization, plan } from "../../src/plan/index.js";
import { type BenchTarget, benchTarget } from "../../src/report/bench.js";
import { factsOf } from "../../src/report/facts.js";
import type { Target } from "../../src/targets/index.js";
import type { Configuration } from "../../src/verify/index.js";
import { VERSION } from "../../src/version.js";
import type { Draw } from "./draw.js";
import { floorOf, networkFloor } from "./floors.js";
import type { Case } from "./networks.js";
import { type PeerWork, peerLayer, peerNetwork } from "./peers.js";
import type { Shape } from "./shapes.js";

/** How something is built and run. */
export interface Setting {
  readonly configuration: Configuration;
  readonly effort: Optimization;
  readonly draw: Draw;
  /** Part of the names of the kernels to take wherever they can; null: the planner's choice. */
  readonly kernel: string | null;
}

/** What something took, beside the peer. Work is cycles, or instructions where nothing models the core. */
export interface Result {
  readonly id: string;
  readonly target: string;
  readonly effort: Optimization;
  readonly draw: Draw;
  readonly work: number;
  readonly peer: PeerWork | null;
  /** How many times as fast as the peer. */
  readonly faster: number | null;
  /** How many times it must be. */
  readonly floor: number | null;
  readonly found: BenchTarget;
  readonly profile: readonly Executed[];
}

export interface NetworkResult extends Result {
  readonly bytes: {
    readonly peerConstants: number;
    readonly peerActivations: number;
  };
}

const SEED = 1;

export async function runShape(shape: Shape, setting: Setting, counter: Counter): Promise<Result> {
  const { target } = setting.configuration;
  const { effort, draw } = setting;
  const found = await measure(shape.build(draw), setting, counter);
  const peer = peerLayer(shape.peer, target.id);
  const floor = floorOf(target.id, shape.kind, effort, draw.relu);
  return result(shape.id, setting, found, peer, floor);
}

export async function runNetwork(
  each: Case,
  setting: Setting,
  counter: Counter,
): Promise<NetworkResult> {
  const { target } = setting.configuration;
  const network = each.build(setting.draw);
  const found = await measure(network, setting, counter);
  const peer = peerNetwork(each.id);
  const work = peer?.cores[target.id] ?? null;
  const cycles = networkFloor(each.id, target.id, setting.effort);
  const floor = work?.cycles == null || cycles === null ? null : work.cycles / cycles;
  return {
    ...result(each.id, setting, found, work, floor),
    bytes: {
      peerConstants: peer?.constantBytes ?? 0,
      peerActivations: peer?.activationBytes ?? 0,
    },
  };
}

function result(
  id: string,
  { configuration, effort, draw }: Setting,
  { found, profile }: Measured,
  peer: PeerWork | null,
  floor: number | null,
): Result {
  const work = found.cycles?.max ?? found.instructions.max;
  const peerWork = peer === null ? null : (peer.cycles ?? peer.instructions);
  return {
    ...{ id, target: configuration.target.id, effort, draw, work, peer, floor, found, profile },
    faster: peerWork === null ? null : peerWork / work,
  };
}

interface Measured {
  readonly found: BenchTarget;
  readonly profile: readonly Executed[];
}

const NAME = "bench";

/** By how it is built and the C itself: different goals often come to the same. */
const known = new Map<string, Benchmark>();

async function measure(
  network: Network,
  { configuration, effort, kernel }: Setting,
  counter: Counter,
): Promise<Measured> {
  const { target } = configuration;
  const kernels = kernel === null ? KERNELS : preferred(kernel, target);
  const planned = plan(network, target, { optimize: effort, kernels });
  const provenance = { source: "drawn", hash: "", command: "npm run bench", version: VERSION };
  const compiled = { network, name: NAME, files: emitC(planned, NAME, provenance) };
  const key = [configuration.id, ...compiled.files.values()].join("\n");
  const found =
    known.get(key) ??
    (await benchmark(compiled, drawnInputs(network, SEED, 1), configuration, counter));
  known.set(key, found);
  return {
    found: benchTarget(configuration.id, factsOf(planned), found),
    profile: found.profile,
  };
}

/** Every kernel, but those with the text in their names are taken wherever they can compute a layer. */
function preferred(text: string, target: Target): readonly Kernel[] {
  const wanted = KERNELS.filter(({ name }) => name.includes(text));
  const can = (shape: LayerShape): boolean =>
    wanted.some((kernel) => kernel.isFor(shape) && kernel.refuses(shape, target) === null);
  const others = KERNELS.filter((kernel) => !wanted.includes(kernel));
  return [
    ...wanted,
    ...others.map((other) => ({
      ...other,
      isFor: (shape: LayerShape) => other.isFor(shape) && !can(shape),
    })),
  ];
}
