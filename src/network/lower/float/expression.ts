import type { FloatBinary, FloatProgram, FloatStep, FloatUnary } from "../../float.js";
import type { TensorId } from "../../types.js";

/**
 * A float32 number for each element of a tensor, as a tree of operations over stored tensors. Trees
 * share their branches: the same object is computed once.
 * - `tensor`: its elements, in the order of memory; one with fewer elements repeats each for a run.
 * - `constant`: `values[i % values.length]` for element i.
 * - `rounded`: a rounded to an integer, ties to even, plus `zero`. It waits for the clip that says
 *   which integers there are, and is no part of a program.
 */
export type Expression =
  | { readonly kind: "tensor"; readonly tensor: TensorId }
  | { readonly kind: "constant"; readonly values: Float32Array }
  | { readonly kind: "unary"; readonly op: FloatUnary; readonly a: Expression }
  | {
      readonly kind: "binary";
      readonly op: FloatBinary;
      readonly a: Expression;
      readonly b: Expression;
    }
  | { readonly kind: "rounded"; readonly a: Expression; readonly zero: number };

export function scalar(value: number): Expression {
  return { kind: "constant", values: Float32Array.of(value) };
}

export function unary(op: FloatUnary, a: Expression): Expression {
  return { kind: "unary", op, a };
}

export function binary(op: FloatBinary, a: Expression, b: Expression): Expression {
  return { kind: "binary", op, a, b };
}

/** The number, if the expression is the same constant for every element. */
export function scalarOf(expression: Expression): number | null {
  const single = expression.kind === "constant" && expression.values.length === 1;
  return single ? (expression.values[0] ?? null) : null;
}

/** Operands of an expression's root, in order. */
function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "tensor":
    case "constant":
      return [];
    case "unary":
    case "rounded":
      return [expression.a];
    case "binary":
      return [expression.a, expression.b];
    default:
      return expression satisfies never;
  }
}

/** Every different expression in a tree, operands before what reads them. */
export function branchesOf(root: Expression): readonly Expression[] {
  const found = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (found.has(expression)) return;
    for (const operand of operandsOf(expression)) visit(operand);
    found.add(expression);
  };
  visit(root);
  return [...found];
}

/** The expression as a program, and the tensors that are its inputs. */
export function programOf(root: Expression): { program: FloatProgram; inputs: TensorId[] } {
  const inputs: TensorId[] = [];
  const places = new Map<Expression, number>();
  const placeOf = (expression: Expression): number => {
    const place = places.get(expression);
    if (place === undefined) throw new Error("an operand comes before what reads it");
    return place;
  };
  const steps: FloatStep[] = [];
  const loads = new Map<TensorId, number>();
  for (const expression of branchesOf(root)) {
    const known = expression.kind === "tensor" ? loads.get(expression.tensor) : undefined;
    places.set(expression, known ?? steps.length);
    if (known !== undefined) continue;
    if (expression.kind === "tensor") loads.set(expression.tensor, steps.length);
    steps.push(stepOf(expression, placeOf, inputs));
  }
  return { program: { steps }, inputs };
}

function stepOf(
  expression: Expression,
  placeOf: (expression: Expression) => number,
  inputs: TensorId[],
): FloatStep {
  switch (expression.kind) {
    case "tensor":
      return { op: "operand", input: inputs.push(expression.tensor) - 1 };
    case "constant":
      return { op: "constant", values: expression.values };
    case "unary":
      return { op: expression.op, a: placeOf(expression.a) };
    case "binary":
      return { op: expression.op, a: placeOf(expression.a), b: placeOf(expression.b) };
    case "rounded":
      throw new Error("rounded without a clip");
    default:
      return expression satisfies never;
  }
}
