import { LetheError } from "../errors/index.ts";
import { elementCount, type HostTree } from "../tree/index.ts";

/** Names and shapes of parameters, in the order of the tree. */
export type ParameterShapes = Readonly<Record<string, { readonly shape: readonly number[] }>>;

/**
 * The values of a tree one tensor after the other, row-major, as float64.
 *
 * @param order names in the order wanted; default the tree's own.
 *
 * @example
 * flattenTree({ w: { shape: [2], values: Float64Array.of(1, 2) }, b: { shape: [1], values: Float64Array.of(3) } }); // [1, 2, 3]
 */
export function flattenTree(tree: HostTree, order: readonly string[] = Object.keys(tree)): Float64Array {
  const flat = new Float64Array(order.reduce((count, name) => count + tree[name].values.length, 0));
  let at = 0;
  for (const name of order) {
    flat.set(tree[name].values, at);
    at += tree[name].values.length;
  }
  return flat;
}

/**
 * The inverse of {@link flattenTree}; the values are copied.
 *
 * @throws LetheError `curvature/vector` for a vector of another length.
 *
 * @example
 * unflattenTree(Float64Array.of(1, 2, 3), { w: { shape: [2] }, b: { shape: [1] } }).b.values; // [3]
 */
export function unflattenTree(flat: Float64Array, shapes: ParameterShapes): HostTree {
  const total = dimensionOf(shapes);
  if (flat.length !== total) {
    throw new LetheError("curvature/vector", `The vector has ${flat.length} entries where the parameters have ${total}; give one of that size.`, {
      length: flat.length,
      dimension: total,
    });
  }
  let at = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }]) => {
      const values = flat.slice(at, (at += elementCount(shape)));
      return [name, { shape, values }];
    }),
  );
}

export function dimensionOf(shapes: ParameterShapes): number {
  return Object.values(shapes).reduce((count, { shape }) => count + elementCount(shape), 0);
}

/** Names and shapes of a tree, without its values. */
export function shapesOf(tree: ParameterShapes): ParameterShapes {
  return Object.fromEntries(Object.entries(tree).map(([name, { shape }]) => [name, { shape: [...shape] }]));
}
