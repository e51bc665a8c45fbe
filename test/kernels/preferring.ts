import { KERNELS, type Kernel } from "../../src/kernels/index.js";

/** All kernels, of which others step back wherever one of `own` can compute a layer. */
export function preferring(...own: readonly Kernel[]): Kernel[] {
  return KERNELS.map((kernel) =>
    own.includes(kernel)
      ? kernel
      : {
          ...kernel,
          refuses: (shape, target) =>
            own.some((each) => each.isFor(shape) && each.refuses(shape, target) === null)
              ? "another kernel is tested"
              : kernel.refuses(shape, target),
        },
  );
}
