import type * as tf from "@tensorflow/tfjs";
import { LetheError } from "@lethe/core";

/**
 * PyTorch pads a convolution alike on all sides; tfjs's `same`, at a stride above 1, often does not. The same weights would then see images moved by
 * a pixel and give other logits, with no sign of it.
 *
 * @throws LetheError `weights/uneven-padding`.
 */
export function checkPadding(network: tf.LayersModel): void {
  for (const layer of network.layers) {
    if (layer.getClassName() !== "Conv2D") continue;
    const { padding, kernelSize, strides } = layer.getConfig() as { padding: string; kernelSize: number[]; strides: number[] };
    if (padding !== "same") continue;
    const sides = (layer.input as tf.SymbolicTensor).shape.slice(1, 3) as number[];
    if (sides.every((side, axis) => padsAlike(side, kernelSize[axis], strides[axis]))) continue;
    throw new LetheError(
      "weights/uneven-padding",
      `The layer ${layer.name} of ${network.name} pads its ${sides.join(" x ")} pixels on one side more than on the other, which no PyTorch convolution does, so ` +
        "that the same weights give other logits there and here; use an architecture that pads as PyTorch does, such as resnet18, or images with odd sides.",
      { layer: layer.name, network: network.name, sides },
    );
  }
}

/** Whether `same` adds (kernel - 1) / 2 zeros before and behind, as PyTorch code does to the same end. */
function padsAlike(side: number, kernel: number, stride: number): boolean {
  const added = Math.max((Math.ceil(side / stride) - 1) * stride + kernel - side, 0);
  return kernel % 2 === 1 && added === kernel - 1;
}
