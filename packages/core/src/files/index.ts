/**
 * Files on a disk, for Node: single files and whole folders that are replaced completely or not at all, checksums that are compared on
 * reading, and tfjs models saved and loaded as folders without tfjs-node. The formats themselves live in `io`.
 */
export { readFileChecked, writeFileAtomic, type Checksum } from "./atomic-file.ts";
export { recoverFolder, writeFolderAtomic, type WriteFolderOptions } from "./atomic-folder.ts";
export { readFolderChecked, type FolderReader } from "./folder-reader.ts";
export { checksumsName, type Checksums } from "./checksums.ts";
export { type FileSystem } from "./file-system.ts";
export { folderStorage, type FolderStorage } from "./folder-storage.ts";
export { loadModel, modelFolder, saveModel } from "./model-json.ts";
