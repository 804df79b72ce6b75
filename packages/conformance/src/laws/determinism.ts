import { encodeArtifact, hashWeights, sha256, type Artifact } from "@lethe/core";
import { otherInputs, otherLabels } from "../altered-data.ts";
import { behaviourLaw, demand } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn } from "../run.ts";
import { problemsOn, withStage, type Problems, type Stage } from "../stage.ts";

export const repeats = behaviourLaw("gives the same bits for the same seed", async (stage) => {
  const prepared = await prepareOn(stage, { seed: 7 });
  demand(
    (await digest(prepared)) === (await digest(await prepareOn(stage, { seed: 7 }))),
    "preparing twice with one seed gave two different artifacts.",
  );
  const first = await bitsOf(stage);
  const second = await bitsOf(stage);
  for (const part of ["weights", "artifact", "status", "report"] as const) {
    demand(first[part] === second[part], `the same request with the same seed gave another ${part}; draw from context.random alone.`);
  }
});

export const ignoresLabels = behaviourLaw(
  "does not look at labels if it says that it needs none",
  async (stage) => {
    const expected = await bitsOf(stage);
    const relabelled = await bitsOf(stage, problemsOn(stage, otherLabels(stage.data)));
    demand(relabelled.weights === expected.weights, "other labels gave another result, but needs.labels says not-needed.");
  },
  ({ needs }) => needs.labels === "not-needed" && needs.trace === "not-needed",
);

export const forgetsExactly = behaviourLaw(
  "if exact, gives the result that it gives had the forgotten samples been others",
  async (stage, trial) => {
    const expected = await bitsOf(stage);
    const others = otherInputs(trial.problem.data(), stage.problem.forget.ids);
    const actual = await withStage(trial, (stage) => bitsOf(stage), others);
    demand(
      actual.weights === expected.weights,
      "what the forgotten samples held shows in the result, which for an exact method follows from the retained data alone.",
    );
  },
  // A method that watched training may be exact as a distribution only: its choice of what to repeat depends on what was there.
  ({ guarantee, needs }) => guarantee === "exact" && needs.trace === "not-needed",
);

async function bitsOf(stage: Stage, problems: Problems = stage) {
  const outcome = await unlearnOn(stage, await prepareOn(stage, { seed: 7 }, problems), { seed: 7 }, problems);
  try {
    const { status, report } = outcome;
    return {
      weights: await hashWeights(outcome.weights),
      artifact: await digest(outcome.artifact ?? undefined),
      status,
      report: JSON.stringify(report),
    };
  } finally {
    disposeOutcome(outcome);
  }
}

async function digest(artifact: Artifact | undefined): Promise<string> {
  return artifact ? sha256(encodeArtifact(artifact)) : "";
}
