import * as tf from "@tensorflow/tfjs";
import type { Numbers } from "./parity-case.ts";

export interface ConvolutionShape {
  /** n, h, w, c. */
  readonly input: readonly [number, number, number, number];
  /** kh, kw, c, and d or, depthwise, the multiplier. */
  readonly filter: readonly [number, number, number, number];
  readonly strides: number;
  readonly pad: "same" | "valid" | number;
  readonly kind: "plain" | "depthwise";
}

type Info = tf.backend_util.Conv2DInfo;

export function convolutionInfo({ input, filter, strides, pad, kind }: ConvolutionShape): Info {
  return tf.backend_util.computeConv2DInfo([...input], [...filter], strides, 1, pad, undefined, kind === "depthwise");
}

/** y, dL/dx and dL/dw of L = <dy, y>, y = x * w (channels last), by the definition in float64. */
export function convolutionReference(shape: ConvolutionShape, x: Numbers, w: Numbers, dy: Numbers): readonly [y: Numbers, dx: Numbers, dw: Numbers] {
  const info = convolutionInfo(shape);
  const [y, dx, dw] = [new Float64Array(dy.values.length), new Float64Array(x.values.length), new Float64Array(w.values.length)];
  eachProduct(info, shape.kind, (atY, atX, atW) => {
    y[atY] += x.values[atX] * w.values[atW];
    dx[atX] += dy.values[atY] * w.values[atW];
    dw[atW] += dy.values[atY] * x.values[atX];
  });
  return [
    { shape: info.outShape, values: y },
    { shape: x.shape, values: dx },
    { shape: w.shape, values: dw },
  ];
}

function eachProduct(info: Info, kind: ConvolutionShape["kind"], visit: (atY: number, atX: number, atW: number) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, padInfo } = info;
  const depth = kind === "plain" ? outChannels : outChannels / inChannels;
  for (let n = 0; n < batchSize; n++)
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++)
        for (let k = 0; k < filterHeight; k++)
          for (let l = 0; l < filterWidth; l++) {
            const i = row * info.strideHeight - padInfo.top + k;
            const j = column * info.strideWidth - padInfo.left + l;
            if (i < 0 || j < 0 || i >= inHeight || j >= inWidth) continue;
            for (let c = 0; c < inChannels; c++)
              for (let d = 0; d < depth; d++)
                visit(
                  ((n * outHeight + row) * outWidth + column) * outChannels + (kind === "plain" ? d : c * depth + d),
                  ((n * inHeight + i) * inWidth + j) * inChannels + c,
                  ((k * filterWidth + l) * inChannels + c) * depth + d,
                );
          }
}
