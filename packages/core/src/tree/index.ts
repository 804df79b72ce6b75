/** Trees: ordered `name -> tensor` maps, on the device ({@link TensorTree}) or in host memory ({@link HostTree}), and arithmetic over them. */
export { axpy, cloneTree, disposeTree, dot, mapTree, norm, parameterCount, zerosLikeTree, zipTrees, type TensorTree } from "./tensor-tree.ts";
export {
  addInto,
  elementCount,
  fromHost,
  hostZeros,
  isFiniteTree,
  mapHost,
  subtractTree,
  toHost,
  type HostArray,
  type HostTensor,
  type HostTree,
} from "./host-tree.ts";
export { hashTree, sha256, sha256OfParts } from "./hash.ts";
