import { sameShape } from "./nodes.js";
import type { Shape } from "./types.js";

/**
 * A tensor seen through transpositions, and reshapes that only move axes of size 1: for each of the
 * other axes, in order, which of the tensor's it is. Both number axes without those of size 1.
 */
export type Order = readonly number[];

/** A tensor as it is. */
export function wholeOrder(shape: Shape): Order {
  return longAxes(shape).map((_, i) => i);
}

function longAxes(shape: Shape): number[] {
  return shape.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
}

function longExtents(shape: Shape): number[] {
  return shape.filter((extent) => extent !== 1);
}

/** Whether a reshape only moves axes of size 1. */
export function keepsOrder(from: Shape, to: Shape): boolean {
  return sameShape(longExtents(from), longExtents(to));
}

/** The order after a transposition of a tensor of that shape. */
export function transposedOrder(shape: Shape, permutation: readonly number[]): Order {
  const long = longAxes(shape);
  return permutation.flatMap((axis) => (shape[axis] === 1 ? [] : [long.indexOf(axis)]));
}

/** What a view's order becomes when the view is seen in another one. */
export function composeOrders(inner: Order, outer: Order): Order {
  return outer.map((axis) => inner[axis] ?? axis);
}

/** A transposition, or a reshape without a permutation, and the shape that it gives. */
export interface Move {
  readonly shape: Shape;
  readonly permutation?: readonly number[];
}

/** How to make a view, in its shape, of a tensor; nothing where it is the tensor as it is. */
export function movesTo(from: Shape, order: Order, to: Shape): readonly Move[] {
  const whole = order.every((axis, i) => axis === i);
  if (whole) return sameShape(from, to) ? [] : [{ shape: to }];
  const long = longExtents(from);
  const turned = order.map((axis) => long[axis] ?? 1);
  return [{ shape: long }, { shape: turned, permutation: order }, { shape: to }];
}
