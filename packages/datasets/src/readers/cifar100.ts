import { LetheError, computedDataset, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import { cifar100CoarseNames, cifar100FineNames, cifar100FineToCoarse } from "./cifar-names.ts";
import { cifarRecords, cifarShape, expectLabel, writePixels, type CifarFiles, type CifarRecord } from "./cifar-records.ts";

export interface Cifar100Input extends CifarFiles {
  /** Which labels are learned: 100 `"fine"` classes (default) or 20 `"coarse"` ones. */
  readonly labels?: "fine" | "coarse";
}

/**
 * CIFAR-100 from its binary version: inputs `[n, 32, 32, 3] float32`, pixel / 255 in 0 .. 1.
 *
 * A record is a coarse and a fine label byte and 3,072 pixel bytes. Both class names of every sample are kept in the columns `coarse` and
 * `fine`, so that a model of the 20 coarse classes can be made to forget one fine class (sub-class forgetting). Labels that do not belong
 * together by {@link cifar100FineToCoarse} show damage and are refused. Pixels stay bytes in memory.
 *
 * @throws LetheError `data/wrong-size`, `data/label-out-of-range`, `data/label-mismatch`, `data/empty`, `data/bad-gzip`, `data/too-large`.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 * @example
 * const baby = new Uint8Array(3074);
 * baby.set([14, 2]);
 * const data = await cifar100Dataset({ files: [baby], labels: "coarse" });
 * data.classNames?.[data.labels[0]]; // "people"
 * data.columns?.["fine"]; // ["baby"]
 */
export async function cifar100Dataset(input: Cifar100Input): Promise<Dataset> {
  const { name = "cifar100", labels: chosen = "fine" } = input;
  const records = await cifarRecords(input, 2);
  records.forEach(expectPair);
  const classNames = chosen === "fine" ? cifar100FineNames : cifar100CoarseNames;
  return computedDataset({
    name,
    inputShape: cifarShape,
    labels: records.map(({ labels: [coarse, fine] }) => (chosen === "fine" ? fine : coarse)),
    classCount: classNames.length,
    classNames,
    ids: records.map((_, position) => sampleId(name, position)),
    columns: {
      coarse: records.map(({ labels: [coarse] }) => cifar100CoarseNames[coarse]),
      fine: records.map(({ labels: [, fine] }) => cifar100FineNames[fine]),
    },
    write: (position, target) => writePixels(records[position].planes, target),
  });
}

function expectPair({ labels: [coarse, fine], place }: CifarRecord): void {
  expectLabel(coarse, cifar100CoarseNames.length, place);
  expectLabel(fine, cifar100FineNames.length, place);
  if (cifar100FineToCoarse[fine] === coarse) return;
  throw new LetheError(
    "data/label-mismatch",
    `${place} is labelled ${cifar100FineNames[fine]} and ${cifar100CoarseNames[coarse]}, which do not belong together; fetch the file again.`,
    { place, fine, coarse, expected: cifar100FineToCoarse[fine] },
  );
}
