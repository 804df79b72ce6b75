import type { Dataset } from "@lethe/core";
import { mergeClasses, poison, type ClassGroups, type Poisoned, type PoisonRecipe } from "@lethe/datasets";

/** What is done to data after it was read. Plain JSON. */
export interface Treatment {
  /** Coarse classes by name, each with the classes of the data that it is made of. Default: the classes of the data. */
  readonly classes?: ClassGroups;
  /** What is done to the training samples, after that. Default: nothing. */
  readonly poison?: PoisonRecipe;
}

export interface Treated {
  readonly train: Dataset;
  readonly test: Dataset | undefined;
  /** Undefined unless there is a poison. */
  readonly poisoned?: Poisoned;
  /** The test samples with the trigger in them, where the poison is a backdoor. */
  readonly triggered?: Dataset;
}

/**
 * Makes labels coarser, then poisons training samples. No input is read for it.
 *
 * @throws LetheError `data/bad-classes`, `data/unknown-class`, `data/column-exists`, `poison/...`, `forget/...`.
 */
export function treated(train: Dataset, test: Dataset | undefined, { classes, poison: recipe }: Treatment): Treated {
  const names = train.classNames === undefined ? {} : { classNames: train.classNames };
  const merged = (data: Dataset) => (classes === undefined ? data : mergeClasses({ ...data, ...names }, classes));
  const clean = { train: merged(train), test: test && merged(test) };
  if (recipe === undefined) return clean;
  const poisoned = poison(clean.train, recipe);
  const marked = { train: poisoned.data, test: clean.test, poisoned };
  return "triggered" in poisoned && clean.test !== undefined ? { ...marked, triggered: poisoned.triggered(clean.test) } : marked;
}

/** Of a source or a lock, what is done to the data. */
export function treatmentOf({ classes, poison: recipe }: { readonly [Name in keyof Treatment]?: Treatment[Name] | undefined }): Treatment {
  return { ...(classes === undefined ? {} : { classes }), ...(recipe === undefined ? {} : { poison: recipe }) };
}
