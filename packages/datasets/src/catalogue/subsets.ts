import { LetheError, subset, type Dataset } from "@lethe/core";
import { hashOfIds, hashOrder } from "./hash-order.ts";

/** Samples chosen by a rule that is written down, and the hash by which one knows that they are those. */
export interface FixedSubset {
  readonly name: string;
  /** In {@link hashOrder}. */
  readonly key: string;
  readonly take: PerClass | { readonly from: number; readonly to: number };
  /** {@link hashOfIds} of the chosen ids, in their order. */
  readonly idsSha256: string;
}

interface PerClass {
  readonly perClass: number;
  /** So many of each class are passed over first. Default 0. */
  readonly after?: number;
}

/** What a choice is made by. */
type Choosable = Pick<Dataset, "name" | "ids" | "labels" | "classCount">;

/** The samples at {@link fixedPositions}. */
export function fixedSubset(data: Dataset, choice: FixedSubset): Dataset {
  return subset(data, fixedPositions(data, choice), choice.name);
}

/**
 * The positions of the chosen samples, in increasing order. `perClass`: of each class the first so many in hash order, or so many after the first;
 * `from`, `to`: the samples from and up to a place in hash order, whatever their class.
 *
 * @throws LetheError `data/changed` where the choice is not the one that is recorded.
 */
export function fixedPositions(data: Choosable, { name, key, take, idsSha256 }: FixedSubset): readonly number[] {
  const order = hashOrder(data.ids, key);
  const chosen = ("from" in take ? order.slice(take.from, take.to) : ofEachClass(order, data, take)).toSorted((a, b) => a - b);
  const found = hashOfIds(chosen.map((position) => data.ids[position]));
  if (found === idsSha256) return chosen;
  throw new LetheError("data/changed", `The samples of ${name} are not those on record (${found} instead of ${idsSha256}); get ${data.name} again.`, {
    name,
    expected: idsSha256,
    found,
  });
}

function ofEachClass(order: readonly number[], { labels, classCount }: Choosable, { perClass, after = 0 }: PerClass): readonly number[] {
  const seen = Array.from({ length: classCount }, () => 0);
  return order.filter((position) => {
    const place = seen[labels[position]]++;
    return place >= after && place < after + perClass;
  });
}

export const cifar10Small = {
  train: {
    name: "cifar10-small-train",
    key: "cifar10-small 1",
    take: { perClass: 1000 },
    idsSha256: "156db870b7e3b9a101f6e2c9d0fb25bfa8a014199756f3cfe0089fde5d14b665",
  },
  test: {
    name: "cifar10-small-test",
    key: "cifar10-small 1",
    take: { perClass: 200 },
    idsSha256: "b82d11dd6e71377ead31c447e50a91f58e1f4e8f1398c760ced0cb66cdc0b0cd",
  },
} as const satisfies Record<"train" | "test", FixedSubset>;

export const location30Split = {
  train: {
    name: "location-30-train",
    key: "location-30 1",
    take: { from: 0, to: 1600 },
    idsSha256: "8b04693382cf97755a8fd074785d0776432181ebabe0125206551d2a577a38c9",
  },
  test: {
    name: "location-30-test",
    key: "location-30 1",
    take: { from: 1600, to: 5010 },
    idsSha256: "b506b0f6eb7cd85e24346ee3990f768504d37ad0933fd55c2d837830b5bcd140",
  },
} as const satisfies Record<"train" | "test", FixedSubset>;

/** Of the test part of AG News, the only one that many machines can get. */
export const agNewsSmall = {
  train: {
    name: "ag-news-small-train",
    key: "ag-news-small 1",
    take: { perClass: 1400 },
    idsSha256: "862bf659886d5b50a97888ed72fc4d69eea4302614a9a989f8dea790f22fa3d3",
  },
  test: {
    name: "ag-news-small-test",
    key: "ag-news-small 1",
    take: { perClass: 500, after: 1400 },
    idsSha256: "5646b7db5a75257c200365389c7b5b214929ce6d0bde2089e7f329f745cd1028",
  },
} as const satisfies Record<"train" | "test", FixedSubset>;
