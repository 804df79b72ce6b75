/** A published sum of a file. */
export interface Sum {
  readonly algorithm: "md5" | "sha1" | "sha256";
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** A file of a data set in the layout in which its authors publish it. */
export interface CatalogueFile {
  readonly name: string;
  readonly bytes: number;
  readonly sum: Sum;
  /** Other names under which it goes about. */
  readonly also?: readonly string[];
}

/** Where a data set comes from. */
export type Origin =
  | {
      readonly kind: "npm";
      /** With its exact version. */
      readonly package: string;
      readonly bytes: number;
      /** Of the tarball. */
      readonly sum: Sum;
      /** Names within the package, without folders, that are needed. */
      readonly members: readonly string[];
      /** Makes the official files, in the same folder, of members that hold them in another form. */
      convert?(folder: string, signal: AbortSignal): Promise<void>;
    }
  | { readonly kind: "debian"; readonly package: string; readonly bytes: number }
  | { readonly kind: "bring" };

/** A data set that Lethe knows and does not carry. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly train: number;
  readonly test: number;
  readonly classes: number;
  /** Shape of one input, in words: `"28 x 28 x 1"`. */
  readonly inputs: string;
  /** SPDX identifier, or what is known. */
  readonly licence: string;
  readonly citation: string;
  readonly homepage: string;
  readonly files: readonly CatalogueFile[];
  /** Archives in which its authors publish the files, for those who bring them. */
  readonly archives: readonly string[];
  readonly origin: Origin;
}
