import { resolve } from "node:path";

export interface FolderRequest {
  /** What the user says, if anything. */
  readonly dir?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The folder of fetched data, one sub-folder per data set: `dir`, or else `LETHE_DATA`, or else `.lethe/data` in the working folder.
 *
 * @example
 * dataFolder({ variables: {}, cwd: "/work" }); // "/work/.lethe/data"
 * dataFolder({ variables: { LETHE_DATA: "/data" }, cwd: "/work" }); // "/data"
 */
export function dataFolder({ dir, variables, cwd }: FolderRequest): string {
  const { LETHE_DATA: variable } = variables;
  return resolve(cwd, dir ?? (variable === undefined || variable === "" ? ".lethe/data" : variable));
}
