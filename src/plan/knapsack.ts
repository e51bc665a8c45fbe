/** One way to fill a group: what it costs, and what it takes of the limited resource. */
export interface Item {
  readonly cost: number;
  readonly weight: number;
}

/**
 * The multiple-choice knapsack, solved exactly: one item of each group so that the weights sum to at
 * most `limit` and the costs to the least. Gives the index of each group's item, or null where even
 * the lightest items are too heavy. Of equally cheap choices the lightest wins, then the first.
 *
 * Partial choices that another beats in both sums are dropped (Nemhauser and Ullmann, 1969), and so
 * are those that cannot become better than a choice already known, by the bound of the continuous
 * relaxation.
 */
export function cheapest(groups: readonly (readonly Item[])[], limit: number): number[] | null {
  const bound = relaxation(groups);
  const known = bound(0, limit);
  if (known === null) return null;
  let states: State[] = [{ cost: 0, weight: 0, item: -1, before: null }];
  for (const [g, group] of groups.entries()) {
    const next: State[] = [];
    for (const state of states) {
      for (const [index, item] of group.entries()) {
        const cost = state.cost + item.cost;
        const weight = state.weight + item.weight;
        const rest = bound(g + 1, limit - weight);
        if (rest === null || cost + rest.least > known.reached * (1 + ROUNDING)) continue;
        next.push({ cost, weight, item: index, before: state });
      }
    }
    states = undominated(next);
  }
  const best = states.reduce((a, b) => (b.cost < a.cost ? b : a));
  return itemsOf(best);
}

/** Costs are sums of doubles: a bound may exceed the sum that it bounds by this much. */
const ROUNDING = 1e-9;

interface State {
  readonly cost: number;
  readonly weight: number;
  readonly item: number;
  readonly before: State | null;
}

/** Sorted by weight; each state is cheaper than all lighter ones. */
function undominated(states: readonly State[]): State[] {
  const sorted = [...states].sort((a, b) => a.weight - b.weight || a.cost - b.cost);
  let least = Number.POSITIVE_INFINITY;
  return sorted.filter(({ cost }) => {
    const better = cost < least;
    if (better) least = cost;
    return better;
  });
}

function itemsOf(state: State): number[] {
  const items: number[] = [];
  for (let at: State = state; at.before !== null; at = at.before) items.push(at.item);
  return items.reverse();
}

interface Bound {
  /** No choice for the rest costs less. */
  readonly least: number;
  /** What a choice costs that fits. */
  readonly reached: number;
}

/** A step from one item of a group to the next on its lower convex hull. */
interface Step {
  readonly weight: number;
  readonly saved: number;
}

/**
 * Bounds for the groups from `first` on, with `room` left: the lightest items, then the steps that
 * save most for their weight; the last of them in part (Sinha and Zoltners, 1979). Null where nothing
 * fits.
 */
function relaxation(groups: readonly (readonly Item[])[]) {
  const rests = groups.map((_, first) => {
    const hulls = groups.slice(first).map(hullOf);
    const steps = hulls.flatMap((hull) =>
      hull.slice(1).map((item, i): Step => {
        const from = hull[i] ?? item;
        return { weight: item.weight - from.weight, saved: from.cost - item.cost };
      }),
    );
    steps.sort((a, b) => b.saved * a.weight - a.saved * b.weight);
    const base = (of: (item: Item) => number): number =>
      hulls.reduce((sum, [lightest]) => sum + (lightest === undefined ? 0 : of(lightest)), 0);
    return { steps, weight: base((item) => item.weight), cost: base((item) => item.cost) };
  });
  return (first: number, room: number): Bound | null => {
    const rest = rests[first];
    if (rest === undefined) return room < 0 ? null : { least: 0, reached: 0 };
    let left = room - rest.weight;
    if (left < 0) return null;
    let cost = rest.cost;
    for (const { weight, saved } of rest.steps) {
      if (weight > left) return { least: cost - (saved * left) / weight, reached: cost };
      left -= weight;
      cost -= saved;
    }
    return { least: cost, reached: cost };
  };
}

/** The group's items on the lower convex hull of cost over weight, the lightest first. */
function hullOf(group: readonly Item[]): readonly Item[] {
  const sorted = [...group].sort((a, b) => a.weight - b.weight || a.cost - b.cost);
  const hull: Item[] = [];
  for (const item of sorted) {
    const last = hull.at(-1);
    if (last !== undefined && item.cost >= last.cost) continue;
    while (hull.length > 1 && isAbove(hull.at(-2), hull.at(-1), item)) hull.pop();
    hull.push(item);
  }
  return hull;
}

function isAbove(a: Item | undefined, b: Item | undefined, c: Item): boolean {
  if (a === undefined || b === undefined) return false;
  return (a.cost - b.cost) * (c.weight - a.weight) <= (a.cost - c.cost) * (b.weight - a.weight);
}
