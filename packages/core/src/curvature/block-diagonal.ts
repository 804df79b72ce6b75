import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import type { Model } from "../model/index.ts";
import { mapTree, type HostTree } from "../tree/index.ts";
import { curvatureOperator, type CurvatureOperator } from "./operator.ts";

/** Parameters whose curvature with each other is kept. */
export interface ParameterBlock {
  readonly name: string;
  readonly parameters: readonly string[];
}

/**
 * One block for each layer that has parameters. What layers of a kind not known here hold under equal roles (both halves of a bidirectional one, say)
 * comes last, in a block `others`.
 *
 * @example
 * layerBlocks(model)[0].parameters.length; // 2
 */
export function layerBlocks(model: Model): readonly ParameterBlock[] {
  const blocks = model.layers.map(({ name, parameters }): ParameterBlock => ({ name, parameters: Object.values(parameters) }));
  const listed = new Set(blocks.flatMap(({ parameters }) => parameters));
  const others = Object.keys(model.parameters).filter((name) => !listed.has(name));
  return [...blocks, { name: "others", parameters: others }].filter(({ parameters }) => parameters.length > 0);
}

/**
 * C with every entry zero that couples two blocks. One product of C for each block; the diagonal is that of C.
 *
 * @throws LetheError `curvature/blocks` unless every parameter is in exactly one block.
 *
 * @example
 * const operator = hessian(model, data, { context, batchSize: 4 });
 * blockDiagonal(operator, layerBlocks(model)).dimension; // 12
 */
export function blockDiagonal(operator: CurvatureOperator, blocks: readonly ParameterBlock[]): CurvatureOperator {
  const { parameters, definiteness, exactDiagonal } = operator;
  const wanted = Object.keys(parameters).toSorted();
  const given = blocks.flatMap((block) => block.parameters).toSorted();
  if (wanted.length !== given.length || wanted.some((name, i) => name !== given[i])) {
    throw new LetheError("curvature/blocks", "Every parameter must be in exactly one block; layerBlocks(model) is one way to have it so.", {
      parameters: wanted,
      blocks: given,
    });
  }
  return curvatureOperator({
    parameters,
    definiteness,
    exactDiagonal,
    product: async (vector) => {
      const result: Record<string, HostTree[string]> = {};
      for (const block of blocks) {
        const masked = tf.tidy(() => mapTree(vector, (tensor, name) => (block.parameters.includes(name) ? tf.clone(tensor) : tf.zerosLike(tensor))));
        try {
          const product = await operator.applyToHost(masked);
          for (const name of block.parameters) result[name] = product[name];
        } finally {
          tf.dispose(masked);
        }
      }
      return Object.fromEntries(Object.keys(parameters).map((name) => [name, result[name]]));
    },
  });
}
