import * as tf from "@tensorflow/tfjs";

/**
 * Named tensors in a fixed order: parameters, gradients, directions.
 *
 * A plain object rather than a `Map`, because `tf.tidy`, `tf.dispose` and `tf.keep` look into objects and not into maps. Names contain a
 * slash or a letter (`"dense_1/kernel"`), so JavaScript keeps their order.
 */
export type TensorTree = Readonly<Record<string, tf.Tensor>>;

export function mapTree(tree: TensorTree, body: (tensor: tf.Tensor, name: string) => tf.Tensor): TensorTree {
  return Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, body(tensor, name)]));
}

/** Combines two trees of equal names. */
export function zipTrees(a: TensorTree, b: TensorTree, body: (a: tf.Tensor, b: tf.Tensor, name: string) => tf.Tensor): TensorTree {
  return mapTree(a, (tensor, name) => body(tensor, b[name], name));
}

export function cloneTree(tree: TensorTree): TensorTree {
  return mapTree(tree, (tensor) => tf.clone(tensor));
}

export function zerosLikeTree(tree: TensorTree): TensorTree {
  return mapTree(tree, (tensor) => tf.zerosLike(tensor));
}

/** `alpha x + y`, a new tree. */
export function axpy(alpha: number, x: TensorTree, y: TensorTree): TensorTree {
  return tf.tidy(() => zipTrees(x, y, (a, b) => tf.add(tf.mul(a, alpha), b)));
}

/** Inner product, a scalar tensor. */
export function dot(a: TensorTree, b: TensorTree): tf.Scalar {
  return tf.tidy(() => tf.addN(Object.keys(a).map((name) => tf.sum(tf.mul(a[name], b[name])))) as tf.Scalar);
}

/** Euclidean norm over all elements, a scalar tensor. */
export function norm(tree: TensorTree): tf.Scalar {
  return tf.tidy(() => tf.sqrt(dot(tree, tree)));
}

export function disposeTree(tree: TensorTree): void {
  for (const tensor of Object.values(tree)) tensor.dispose();
}

export function parameterCount(tree: TensorTree): number {
  return Object.values(tree).reduce((count, tensor) => count + tensor.size, 0);
}
