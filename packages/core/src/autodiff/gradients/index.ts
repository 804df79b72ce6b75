import type * as tf from "@tensorflow/tfjs";
import { convolutionGradients } from "./convolution.ts";
import { einsumGradient } from "./einsum.ts";
import { elementwiseGradients } from "./elementwise.ts";
import { gatherGradients } from "./gather.ts";
import { matMulGradient } from "./mat-mul.ts";
import { batchNormGradient } from "./normalisation.ts";
import { poolingGradients } from "./pooling.ts";
import { reductionGradients } from "./reductions.ts";
import { resizeGradients } from "./resize.ts";
import { savedOutputGradients } from "./saved-outputs.ts";
import { slicingGradients } from "./slicing.ts";
import { stepGradients } from "./steps.ts";

/** Every gradient that is registered anew, because tfjs's own is missing, cannot be differentiated, or is wrong. */
export const gradients: readonly tf.GradConfig[] = [
  ...convolutionGradients,
  ...elementwiseGradients,
  ...gatherGradients,
  ...poolingGradients,
  ...reductionGradients,
  ...resizeGradients,
  ...savedOutputGradients,
  ...slicingGradients,
  ...stepGradients,
  batchNormGradient,
  einsumGradient,
  matMulGradient,
];
