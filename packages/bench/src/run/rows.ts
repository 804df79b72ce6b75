import { LetheError, sha256 } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";
import type { Experiment, MethodPlan } from "../experiment/experiment.ts";
import type { SearchRange } from "../experiment/schema.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";
import type { LoadedMethod, LoadMethod } from "../jobs/job.ts";

/** The name of the row that a model retrained like the oracles has. */
export const controlName = "retrain (control)";

/** A method as an experiment uses it: found, its options checked. */
export interface ChosenMethod extends LoadedMethod {
  /** As the application's users write it. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** SHA-256 of a method's file, where no version tells what it does. Of that file alone, not of those it imports. */
  readonly content: string | undefined;
}

/** One row of the table, its method found and its options checked. */
export interface MethodRow extends MethodPlan {
  readonly chosen: ChosenMethod;
  /** Options to choose by trials; undefined where they are given. */
  readonly space: Readonly<Record<string, SearchRange>> | undefined;
}

/**
 * Finds every method before anything is trained, so that a misspelt option costs no time.
 *
 * @throws LetheError `experiment/nothing-to-search`, and what `loadMethod` throws.
 */
export async function chooseMethods({ methods }: Experiment, loadMethod: LoadMethod, cwd: string): Promise<readonly MethodRow[]> {
  return Promise.all(
    methods.map(async (plan) => {
      const chosen = await choose(plan.method, plan.options, loadMethod, cwd);
      return { ...plan, chosen, space: spaceOf(plan, chosen) };
    }),
  );
}

/** @throws what `loadMethod` throws. */
export async function choose(name: string, settings: Readonly<Record<string, unknown>>, loadMethod: LoadMethod, cwd: string): Promise<ChosenMethod> {
  const loaded = await loadMethod(name, settings, cwd);
  const content = loaded.version === undefined && isFile(loaded.source) ? await sha256(await readFileChecked(loaded.source)) : undefined;
  return { ...loaded, name, settings, content };
}

/** Whether a method came from a file and not from a package, whose name may have a slash too. */
function isFile(source: string): boolean {
  return /[\\/]/.test(source) && !source.startsWith("@");
}

/** The method as a lock names it; the version tells one state of it from another. */
export function originOf({ name, source, version, content }: ChosenMethod): Pick<RecipeLock["method"], "name" | "package" | "version"> {
  return {
    name,
    package: isFile(source) ? null : source,
    version: version ?? (content === undefined ? null : `sha256:${content}`),
  };
}

function spaceOf({ name, search }: MethodPlan, { configured }: ChosenMethod): MethodRow["space"] {
  if (search === "none") return undefined;
  const space = search === "usual" ? configured.method.searchSpace : search;
  if (typeof space === "object" && Object.keys(space).length > 0) return space as NonNullable<MethodRow["space"]>;
  throw new LetheError("experiment/nothing-to-search", `${name} names no options to search; give ranges, or leave search out.`, { method: name });
}
