import { createRandom, LetheError, subset, type Dataset } from "@lethe/core";
import { mergeClasses, poison, type ClassGroups, type Poisoned, type PoisonRecipe } from "@lethe/datasets";

/** What is done to data after it was read. Plain JSON. */
export interface Treatment {
  /** Coarse classes by name, each with the classes of the data that it is made of. Default: the classes of the data. */
  readonly classes?: ClassGroups;
  /** Share of the training samples that no model is trained on, for methods that look at unseen samples. Default: none. */
  readonly validation?: number;
  /** What is done to the training samples, after that. Default: nothing. */
  readonly poison?: PoisonRecipe;
}

export interface Treated {
  readonly train: Dataset;
  readonly test: Dataset | undefined;
  /** Undefined unless samples were set aside. */
  readonly validation?: Dataset;
  /** Undefined unless there is a poison. */
  readonly poisoned?: Poisoned;
  /** The test samples with the trigger in them, where the poison is a backdoor. */
  readonly triggered?: Dataset;
}

/**
 * Makes labels coarser, sets validation samples aside, then poisons those that are left for training. No input is read for it.
 *
 * @throws LetheError `data/bad-classes`, `data/unknown-class`, `data/column-exists`, `data/bad-validation`, `poison/...`, `forget/...`.
 */
export function treated(train: Dataset, test: Dataset | undefined, { classes, validation: share, poison: recipe }: Treatment): Treated {
  const names = train.classNames === undefined ? {} : { classNames: train.classNames };
  const merged = (data: Dataset) => (classes === undefined ? data : mergeClasses({ ...data, ...names }, classes));
  const clean = { ...(share === undefined ? { train: merged(train) } : setAside(merged(train), share)), test: test && merged(test) };
  if (recipe === undefined) return clean;
  const poisoned = poison(clean.train, recipe);
  const marked = { ...clean, train: poisoned.data, poisoned };
  return "triggered" in poisoned && clean.test !== undefined ? { ...marked, triggered: poisoned.triggered(clean.test) } : marked;
}

/**
 * A sample is set aside if a hash of its id, uniform in [0, 1), is below the share. So it does not depend on the other samples, and about the share is taken,
 * not exactly.
 */
function setAside(data: Dataset, share: number): { readonly train: Dataset; readonly validation: Dataset } {
  const random = createRandom("validation");
  const isAside = data.ids.map((id) => random.split(id).uniform() < share);
  const part = (aside: boolean) => Uint32Array.from(data.ids.keys()).filter((position) => isAside[position] === aside);
  const [kept, unseen] = [part(false), part(true)];
  if (kept.length === 0 || unseen.length === 0) {
    const sentence = `Of ${data.size} samples ${unseen.length} would be set aside for validation by a share of ${share}; choose a share that leaves some on both sides.`;
    throw new LetheError("data/bad-validation", sentence, { share, size: data.size });
  }
  return { train: subset(data, kept, data.name), validation: subset(data, unseen, `${data.name} (validation)`) };
}

/** Of a source or a lock, what is done to the data. */
export function treatmentOf(given: { readonly [Name in keyof Treatment]?: Treatment[Name] | undefined }): Treatment {
  const { classes, validation, poison: recipe } = given;
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(validation === undefined ? {} : { validation }),
    ...(recipe === undefined ? {} : { poison: recipe }),
  };
}
