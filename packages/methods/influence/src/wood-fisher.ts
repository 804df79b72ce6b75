import type { Random } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { woodFisherOperator, type GradientStream } from "@lethe/core/linalg";
import { combination, dot } from "./vector.ts";

export interface WoodFisherRequest {
  readonly loss: FlatLoss;
  /** w, where gradients are taken. */
  readonly at: Float64Array;
  /** v. */
  readonly vector: Float64Array;
  /** N, at most so many samples. */
  readonly fisherSamples: number;
  /** gamma. */
  readonly damping: number;
  /** lambda of the L2 term in the loss, whose Hessian is lambda I and is no part of the Fisher matrix. */
  readonly weightDecay: number;
  readonly random: Random;
  /** Told of every sample. */
  readonly onSample?: () => void;
}

/** (F + (gamma + lambda) I)^-1 v, exactly, F the empirical Fisher matrix of N samples, drawn where there are more. */
export async function exactWoodFisher(request: WoodFisherRequest): Promise<Float64Array> {
  const { loss, vector, fisherSamples, damping, weightDecay, random } = request;
  const count = Math.min(fisherSamples, loss.sampleCount);
  const inverse = await woodFisherOperator(sampleGradients(request, random.sample(loss.sampleCount, count)), {
    dimension: loss.dimension,
    count,
    damping: damping + weightDecay,
  });
  return inverse.apply(vector);
}

/**
 * The recursion of IU's released code, over the first N + 2 samples in stored order, or all there are:
 *
 *     k <- k - (k.g) / (N + o.g) o,   o <- o - (o.g) / (N + o.g) o,   from k = v and o = the first gradient
 *
 * One vector o stands in for the matrix of which WoodFisher would need the products with every gradient. k - v stays a multiple of the first gradient: this is no
 * inverse of anything, and is here because published results come from it. N is the code's constant, however few samples there are.
 */
export async function releasedWoodFisher(request: WoodFisherRequest): Promise<Float64Array> {
  const { loss, vector, fisherSamples } = request;
  const positions = Array.from({ length: Math.min(fisherSamples + 2, loss.sampleCount) }, (_, i) => i);
  return releasedChain(sampleGradients(request, positions), vector, fisherSamples);
}

/** The recursion itself, on gradients as they come. */
export async function releasedChain(gradients: GradientStream, vector: Float64Array, count: number): Promise<Float64Array> {
  let chain = vector;
  let running: Float64Array | undefined;
  for await (const gradient of gradients) {
    if (running === undefined) {
      running = gradient;
      continue;
    }
    const overlap = dot(running, gradient);
    chain = combination([
      [1, chain],
      [-dot(chain, gradient) / (count + overlap), running],
    ]);
    running = combination([[1 - overlap / (count + overlap), running]]);
  }
  return chain;
}

async function* sampleGradients({ loss, at, weightDecay, onSample }: WoodFisherRequest, positions: ArrayLike<number>): AsyncGenerator<Float64Array> {
  for (const position of Array.from(positions)) {
    const { gradient } = await loss.gradient(at, [position]);
    onSample?.();
    yield combination([
      [1, gradient],
      [-weightDecay, at],
    ]);
  }
}
