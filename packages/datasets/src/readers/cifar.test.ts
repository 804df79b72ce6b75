import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { cifar10Names, cifar100CoarseNames, cifar100FineNames, cifar100FineToCoarse } from "./cifar-names.ts";
import { cifar10Dataset } from "./cifar10.ts";
import { cifar100Dataset } from "./cifar100.ts";
import { expectSafeReading } from "./fixtures/fuzz.ts";

/** Pixel (row, column, channel) of record n has the byte that this says. */
const byteAt = (n: number, row: number, column: number, channel: number): number => (n * 7 + row * 31 + column * 5 + channel * 101) & 0xff;

function record(n: number, ...labels: number[]): number[] {
  const planes: number[] = [];
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < 32; row++) for (let column = 0; column < 32; column++) planes.push(byteAt(n, row, column, channel));
  }
  return [...labels, ...planes];
}

const ten = (...labels: number[]): Uint8Array => Uint8Array.from(labels.flatMap((label, n) => record(n, label)));
const hundred = (...pairs: [number, number][]): Uint8Array => Uint8Array.from(pairs.flatMap((pair, n) => record(n, ...pair)));

describe("CIFAR-10", () => {
  it("turns planes into pixels, over several files, plain and gzipped", async () => {
    const data = await cifar10Dataset({ files: [ten(3, 9), gzipSync(ten(0))], name: "cifar10-train" });
    expect(data).toMatchObject({ size: 3, classCount: 10, classNames: cifar10Names, inputShape: [32, 32, 3] });
    expect(data.ids).toEqual(["cifar10-train-000000", "cifar10-train-000001", "cifar10-train-000002"]);
    expect([...data.labels]).toEqual([3, 9, 0]);
    const { values } = (await data.read([1])).inputs;
    for (const [row, column, channel] of [
      [0, 0, 0],
      [0, 0, 2],
      [0, 1, 0],
      [17, 4, 1],
      [31, 31, 2],
    ]) {
      expect(values[(row * 32 + column) * 3 + channel]).toBe(Math.fround(byteAt(1, row, column, channel) / 255));
    }
    expect((await data.read([2, 0])).inputs.values.slice(0, 3072)).toEqual(
      (await cifar10Dataset({ files: [ten(0)] }).then((one) => one.read([0]))).inputs.values,
    );
  });

  it.each([
    ["cut off", ten(3).slice(0, 3000), "data/wrong-size", /data_batch_1\.bin.*3073/],
    ["empty", new Uint8Array(0), "data/wrong-size", /0 bytes/],
    ["of CIFAR-100", hundred([4, 0]), "data/wrong-size", /it fits CIFAR-100/],
    ["with a label that is no class", ten(3, 10), "data/label-out-of-range", /record 1 of data_batch_1\.bin is 10/],
  ])("refuses a file that is %s", async (_, file, code, message) => {
    await expect(cifar10Dataset({ files: [file], sources: ["data_batch_1.bin"] })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("refuses no files, and files that unpack to more than allowed", async () => {
    await expect(cifar10Dataset({ files: [] })).rejects.toMatchObject({ code: "data/empty" });
    await expect(cifar10Dataset({ files: [gzipSync(new Uint8Array(2 ** 22))], mostBytes: 2 ** 20 })).rejects.toMatchObject({
      code: "data/too-large",
    });
  });

  it("meets damage with LetheErrors only", async () => {
    await expectSafeReading([ten(1), gzipSync(ten(1))], (file) => cifar10Dataset({ files: [file], mostBytes: 2 ** 20 }), 100);
  });
});

describe("CIFAR-100", () => {
  it("learns fine or coarse labels and keeps both names", async () => {
    const file = hundred([4, 0], [19, 89], [14, 2]);
    const fine = await cifar100Dataset({ files: [file] });
    expect([fine.classCount, [...fine.labels]]).toEqual([100, [0, 89, 2]]);
    const coarse = await cifar100Dataset({ files: [file], labels: "coarse" });
    expect([coarse.classCount, [...coarse.labels]]).toEqual([20, [4, 19, 14]]);
    for (const data of [fine, coarse]) {
      expect(data.columns).toEqual({ coarse: ["fruit_and_vegetables", "vehicles_2", "people"], fine: ["apple", "tractor", "baby"] });
    }
    expect(fine.classNames).toBe(cifar100FineNames);
    expect((await fine.read([1])).inputs.values[0]).toBe(Math.fround(byteAt(1, 0, 0, 0) / 255));
  });

  it("refuses labels that do not belong together", async () => {
    await expect(cifar100Dataset({ files: [hundred([3, 0])], sources: ["train.bin"] })).rejects.toMatchObject({
      code: "data/label-mismatch",
      message: expect.stringContaining("record 0 of train.bin is labelled apple and food_containers, which"),
    });
    await expect(cifar100Dataset({ files: [hundred([20, 0])] })).rejects.toMatchObject({ code: "data/label-out-of-range" });
    await expect(cifar100Dataset({ files: [hundred([4, 100])] })).rejects.toMatchObject({ code: "data/label-out-of-range" });
    await expect(cifar100Dataset({ files: [ten(3)] })).rejects.toMatchObject({ message: expect.stringContaining("it fits CIFAR-10;") });
  });

  it("has the official names: 100 and 20, sorted, five fine to each coarse", () => {
    expect([new Set(cifar100FineNames).size, new Set(cifar100CoarseNames).size]).toEqual([100, 20]);
    expect(cifar100FineNames).toEqual([...cifar100FineNames].toSorted());
    expect(cifar100CoarseNames).toEqual([...cifar100CoarseNames].toSorted());
    const groups = cifar100CoarseNames.map((name, coarse) => [
      name,
      cifar100FineNames.filter((_, fine) => cifar100FineToCoarse[fine] === coarse).join(" "),
    ]);
    expect(Object.fromEntries(groups)).toEqual(superclasses);
  });
});

/** The table of the data set's home page, in the spelling of the label files. */
const superclasses = {
  aquatic_mammals: "beaver dolphin otter seal whale",
  fish: "aquarium_fish flatfish ray shark trout",
  flowers: "orchid poppy rose sunflower tulip",
  food_containers: "bottle bowl can cup plate",
  fruit_and_vegetables: "apple mushroom orange pear sweet_pepper",
  household_electrical_devices: "clock keyboard lamp telephone television",
  household_furniture: "bed chair couch table wardrobe",
  insects: "bee beetle butterfly caterpillar cockroach",
  large_carnivores: "bear leopard lion tiger wolf",
  "large_man-made_outdoor_things": "bridge castle house road skyscraper",
  large_natural_outdoor_scenes: "cloud forest mountain plain sea",
  large_omnivores_and_herbivores: "camel cattle chimpanzee elephant kangaroo",
  medium_mammals: "fox porcupine possum raccoon skunk",
  "non-insect_invertebrates": "crab lobster snail spider worm",
  people: "baby boy girl man woman",
  reptiles: "crocodile dinosaur lizard snake turtle",
  small_mammals: "hamster mouse rabbit shrew squirrel",
  trees: "maple_tree oak_tree palm_tree pine_tree willow_tree",
  vehicles_1: "bicycle bus motorcycle pickup_truck train",
  vehicles_2: "lawn_mower rocket streetcar tank tractor",
};
