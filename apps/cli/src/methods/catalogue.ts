/** The methods of this project, by id; each is the package `@lethe/ID`. A test compares the list with the folders of `packages/methods`. */
export const catalogue: ReadonlyMap<string, string> = new Map([
  ["ssd", "dampen the weights that matter mostly to the forget set"],
  ["pgu", "descend on the forget set in directions that the retained data hardly uses"],
  ["cure-newton", "cubic-regularised Newton steps on the retained data"],
  ["newton", "plain Newton steps, damped or by the pseudo-inverse, to compare with"],
  ["influence", "influence functions: removal, and correction of labels and features"],
  ["deep-obliviate", "retrain a stretch of a recorded block-wise training and stitch the rest on"],
  ["sisa", "train the affected shards of a recorded sharded training again"],
  ["amnesiac", "take back the logged updates of the batches that held the forgotten samples"],
  ["finetune", "train on for a while without the forget set"],
  ["retrain", "train again from the beginning without the forget set"],
]);

/** Packages that may hold the method with this id, the likeliest first. */
export function packagesOf(id: string): readonly string[] {
  return [`@lethe/${id}`, `lethe-method-${id}`];
}
