import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";

interface Attributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: [number, number];
}

type Resize = (images: tf.Tensor4D, size: [number, number], alignCorners: boolean, halfPixelCenters: boolean) => tf.Tensor4D;

/**
 * Resizing is linear and works on rows and columns apart: Y = R X C^T, so dX = R^T dY C. R and C are what resizing makes of an identity
 * matrix, so they are right for whatever rule the kernel follows; tfjs's own kernels for this gradient know nothing of half-pixel centres, and the
 * bilinear one mixes up height and width on the cpu backend.
 */
function resizeGradient(kernelName: string, resize: Resize): tf.GradConfig {
  return gradientOf<Attributes>(kernelName, ["images"], (dy, [images], { alignCorners, halfPixelCenters, size }) => ({
    images: () => {
      const [batch, height, width, channels] = images.shape;
      /** `[1, to, from]`. */
      const matrix = (from: number, to: number): tf.Tensor3D =>
        tf.reshape(resize(tf.reshape(tf.eye(from), [1, from, from, 1]), [to, from], alignCorners, halfPixelCenters), [1, to, from]);
      const rows = tf.matMul(matrix(height, size[0]), tf.reshape(dy, [batch, size[0], size[1] * channels]), true, false);
      const both = tf.matMul(matrix(width, size[1]), tf.reshape(rows, [batch * height, size[1], channels]), true, false);
      return tf.reshape(both, images.shape);
    },
  }));
}

export const resizeGradients: readonly tf.GradConfig[] = [
  resizeGradient(tf.ResizeBilinear, tf.image.resizeBilinear as Resize),
  resizeGradient(tf.ResizeNearestNeighbor, tf.image.resizeNearestNeighbor as Resize),
];
