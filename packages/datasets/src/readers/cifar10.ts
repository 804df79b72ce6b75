import { computedDataset, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import { cifar10Names } from "./cifar-names.ts";
import { cifarRecords, cifarShape, expectLabel, writePixels, type CifarFiles } from "./cifar-records.ts";

/**
 * CIFAR-10 from its binary version: inputs `[n, 32, 32, 3] float32`, pixel / 255 in 0 .. 1, 10 classes.
 *
 * A record is 1 label byte and 3,072 pixel bytes, red then green then blue plane. The pixels stay bytes in memory (154 MB for the training
 * part, which would be 614 MB as float32) and become floats when they are read.
 *
 * @throws LetheError `data/wrong-size`, `data/label-out-of-range`, `data/empty`, `data/bad-gzip`, `data/too-large`; each names the file.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 * @example
 * const redFrog = new Uint8Array(3073).fill(255, 1, 1025);
 * redFrog[0] = 6;
 * const data = await cifar10Dataset({ files: [redFrog], name: "cifar10-tiny" });
 * data.classNames?.[data.labels[0]]; // "frog"
 * (await data.read([0])).inputs.values.slice(0, 4); // Float32Array [1, 0, 0, 1]
 */
export async function cifar10Dataset(input: CifarFiles): Promise<Dataset> {
  const { name = "cifar10" } = input;
  const records = await cifarRecords(input, 1);
  for (const { labels, place } of records) expectLabel(labels[0], cifar10Names.length, place);
  return computedDataset({
    name,
    inputShape: cifarShape,
    labels: records.map(({ labels }) => labels[0]),
    classCount: cifar10Names.length,
    classNames: cifar10Names,
    ids: records.map((_, position) => sampleId(name, position)),
    write: (position, target) => writePixels(records[position].planes, target),
  });
}
