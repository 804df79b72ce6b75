import * as tf from "@tensorflow/tfjs";
import { isAbort, type Progress } from "@lethe/core";
import { behaviourLaw, demand, describeError } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn, type RunSettings } from "../run.ts";
import type { Stage } from "../stage.ts";

/** When the signal fires: before the run, with its first progress report, at its first read. */
type Moment = "start" | "report" | "read";

export const stopsWhenTold = behaviourLaw("stops within one step of being interrupted and leaves everything as it was", async (stage) => {
  const before = await stage.model.hash();
  const artifact = await prepareOn(stage);
  for (const moment of ["start", "report", "read"] as const) {
    if (stage.method.prepare && !stage.recorded) {
      await interrupt(stage, moment, "prepare", async (settings) => void (await prepareOn(stage, settings)));
    }
    await interrupt(stage, moment, "unlearn", async (settings) => disposeOutcome(await unlearnOn(stage, artifact, settings)));
  }
  demand((await stage.model.hash()) === before, "an interrupted run changed the model.");
});

async function interrupt({ reads }: Stage, moment: Moment, run: string, body: (settings: RunSettings) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const after = { reports: 0, reads: 0 };
  let lastStep = false;
  const onProgress = ({ completed, total }: Progress) => {
    if (controller.signal.aborted) after.reports++;
    else if (moment === "report") {
      lastStep = completed >= total;
      controller.abort();
    }
  };
  reads.onRead = () => {
    if (controller.signal.aborted) after.reads++;
    else if (moment === "read") controller.abort();
  };
  if (moment === "start") controller.abort();
  const tensors = tf.memory().numTensors;
  const when = { start: "before it began", report: "at its first progress report", read: "at its first read" }[moment];
  let ended = true;
  try {
    await body({ signal: controller.signal, onProgress });
  } catch (error) {
    ended = false;
    demand(isAbort(error), `${run}, interrupted ${when}, threw ${describeError(error)} where run/aborted is expected.`);
  } finally {
    reads.onRead = () => undefined;
  }
  // A run may end in the step it is in, when there is no other to stop before.
  const mayEnd = { start: false, report: lastStep && after.reads + after.reports === 0, read: after.reads === 0 && after.reports <= 1 }[moment];
  const wentOn = ended && controller.signal.aborted && !mayEnd;
  demand(!wentOn, `${run}, interrupted ${when}, went on to the end; await context.pause() before every step.`);
  demand(after.reports <= 1 && after.reads <= 1, `${run}, interrupted ${when}, still made ${after.reads} reads and ${after.reports} reports.`);
  const left = tf.memory().numTensors - tensors;
  demand(left === 0, `${run}, interrupted ${when}, left ${left} tensors behind.`);
}
