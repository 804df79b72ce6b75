import { arrayDataset, createRandom, elementCount, type Dataset } from "@lethe/core";

export const classes = 3;
const size = 24;

/** 24 samples of three classes, class y around its own random centre; ids `"s0"`, `"s1"`, ... */
export function clusters(inputShape: readonly number[], seed: string): Dataset {
  const random = createRandom(seed);
  const stride = elementCount(inputShape);
  const centres = Array.from({ length: classes * stride }, () => random.normal());
  const labels = Int32Array.from({ length: size }, (_, position) => position % classes);
  const inputs = Float32Array.from({ length: size * stride }, (_, i) => {
    const label = labels[Math.floor(i / stride)];
    return centres[label * stride + (i % stride)] + 0.5 * random.normal();
  });
  const ids = Array.from(labels, (_, position) => `s${position}`);
  return arrayDataset({ name: "clusters", inputs, inputShape, labels, classCount: classes, ids });
}
