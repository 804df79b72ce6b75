/**
 * Data on a disk, for Node: folders of images and large files that are read when samples are wanted, so that they may be larger than memory; and the
 * catalogue of data sets that can be fetched, checked against their published sums and opened by name.
 */
export { imageFolderDataset, type ImageFolder, type ImageFolderOptions } from "../image-folder/image-folder.ts";
export type { DecoderName } from "../image-folder/decoder.ts";
export type { ImageSize } from "../image-folder/fit.ts";
export { fileDataset, type FileDatasetInput } from "./file-dataset.ts";
export { type RecordFile } from "./record-file.ts";
export { idxFileDataset, type IdxFileDatasetInput } from "./idx-file.ts";
export { cifarFileDataset, type CifarFileDatasetInput } from "./cifar-file.ts";
export { npyFileDataset, type NpyFileDatasetInput } from "./npy-file.ts";
export { readWhole } from "./read-whole.ts";

export { catalogue } from "../catalogue/entries.ts";
export type { CatalogueEntry, CatalogueFile, Origin, Sum } from "../catalogue/entry.ts";
export { dataFolder, type FolderRequest } from "../catalogue/folder.ts";
export { programFetcher, type Fetcher } from "../catalogue/fetcher.ts";
export { getData, type GetRequest, type Gotten } from "../catalogue/get.ts";
export { namedData, openData, type NamedData, type Part } from "../catalogue/open.ts";
export { recogniseData } from "../catalogue/recognise.ts";
export { presence, verifyData, type VerifiedFile } from "../catalogue/verify.ts";
