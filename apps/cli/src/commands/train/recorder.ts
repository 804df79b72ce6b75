import { buildNetwork, startingModel, tryRecording, type LoadedData } from "@lethe/bench";
import { isLetheError, LetheError, openTrajectory, type Json, type Recipe, type TrainingSnapshot } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import type { Values } from "../../command-line/options.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { readSettings } from "../../inputs/set.ts";
import { nameOf } from "../../methods/load.ts";
import { chooseConfigured, type ChosenMethod } from "../../methods/option.ts";
import type { RunManifest } from "../../runs/manifest.ts";
import type { trainOptions } from "../train.ts";

export interface ChosenRecorder {
  readonly method: ChosenMethod;
  readonly recorded: NonNullable<RunManifest["recorded"]>;
}

/**
 * The method that `--record` names.
 *
 * @throws UsageError `cli/conflict`, `cli/cannot-record`, and what loading the method and checking its options throws.
 */
export async function chooseRecorder(
  given: Pick<Values<typeof trainOptions>, "record" | "record-set">,
  cwd: string,
): Promise<ChosenRecorder | undefined> {
  const words = given["record-set"];
  if (given.record === undefined) {
    if (words.length === 0) return undefined;
    throw new UsageError("cli/conflict", "--record-set sets an option of the method that watches the training; name it with --record.");
  }
  const settings = readSettings(words, "--record-set");
  const method = await chooseConfigured(given.record, settings, cwd);
  const { id } = method.method;
  if (method.method.record === undefined) {
    const sentence = `${id} does not watch trainings; leave out --record ${given.record} and use it with lethe unlearn.`;
    throw new UsageError("cli/cannot-record", sentence, { method: id });
  }
  return { method, recorded: { method: id, name: nameOf(method, given.record), options: settings as Record<string, Json> } };
}

/** What gives a training the order that a recorder's error names. */
const orders = [
  { kind: "blocks", how: "block by block", options: "--blocks 20", fields: "kind: blocks, blocks: 20" },
  { kind: "shards", how: "by shards", options: "--shards 5 --slices 4", fields: "kind: shards, shards: 5, slices: 4" },
];

/**
 * Lets the recorder begin on a storage in memory: a training that it cannot watch is refused before the first step.
 *
 * @throws what the recorder throws, with a hint where the recipe leaves the order of training open.
 */
export async function expectRecords(
  { configured }: ChosenMethod,
  { data, builder, recipe }: { readonly data: LoadedData; readonly builder: string; readonly recipe: Recipe },
): Promise<void> {
  const model = startingModel(buildNetwork(builder, data.train, recipe.order), recipe);
  try {
    await tryRecording(configured, { model, data: data.train, recipe });
  } catch (error) {
    if (!isLetheError(error) || recipe.order !== undefined) throw error;
    const order = orders.find(({ kind }) => kind === error.details["order"]);
    if (order === undefined) throw error;
    const hint = [`To train ${order.how} add ${order.options}, or order: { ${order.fields} } to the recipe of a file.`];
    throw new LetheError(error.code, error.message, { ...error.details, hint }, { cause: error });
  } finally {
    model.dispose();
  }
}

/**
 * Where an interrupted training that was recorded goes on. A recorder that keeps a trajectory knows the state of its last snapshot and no later one; any other goes
 * on from the checkpoint.
 *
 * @throws LetheError `trajectory/...`, `file/...`.
 */
export async function pointToResume(recording: string, checkpoint: TrainingSnapshot | undefined): Promise<TrainingSnapshot | undefined> {
  try {
    const trajectory = await openTrajectory(await folderStorage(recording));
    return trajectory.length === 0 ? undefined : await trajectory.read(trajectory.length - 1);
  } catch (error) {
    if (isLetheError(error) && error.code === "trajectory/none") return checkpoint;
    throw error;
  }
}
