import { isLetheError } from "@lethe/core";
import { catalogue, packagesOf } from "./catalogue.ts";
import { loadMethod, type LoadedMethod } from "./load.ts";
import { listPackages } from "./packages.ts";

export interface Surroundings {
  readonly installed: readonly LoadedMethod[];
  /** Methods of this project that are not here, with the command that brings them. */
  readonly missing: readonly { readonly id: string; readonly summary: string; readonly install: string }[];
  /** Packages that are here and cannot be used. */
  readonly broken: readonly { readonly name: string; readonly code: string; readonly message: string }[];
}

/** Imports the methods of this project and every `lethe-method-*` in reach of `cwd`; no other package. */
export async function surveyMethods(cwd: string): Promise<Surroundings> {
  const installed: LoadedMethod[] = [];
  const missing: Surroundings["missing"][number][] = [];
  const broken: Surroundings["broken"][number][] = [];
  for (const name of [...catalogue.keys(), ...(await listPackages("lethe-method-", cwd))]) {
    try {
      installed.push(await loadMethod(name, cwd));
    } catch (error) {
      if (!isLetheError(error)) throw error;
      const summary = catalogue.get(name);
      if (error.code === "method/not-installed" && summary !== undefined)
        missing.push({ id: name, summary, install: `npm install ${packagesOf(name)[0]}` });
      else broken.push({ name, code: error.code, message: error.message });
    }
  }
  return { installed, missing, broken };
}
