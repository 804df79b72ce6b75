import { createRandom } from "@lethe/core";
import { expect, test } from "vitest";
import { planShadows, type PlannedModel, type ShadowPlan } from "./plan.ts";
import { rolesOfRuns } from "./roles.ts";
import { uLira } from "./u-lira.ts";

const samples = 60;

/**
 * An audit of perfect unlearning: phi of a sample depends on who was in the training set without the forget set (a random linear function of it) and on chance,
 * so that models trained on complementary halves resemble each other with the opposite sign, as real ones do.
 */
function perfectAudit(seed: string) {
  const plan = planShadows({ poolSize: samples, models: 16, targets: 12, forgetSets: 3, forgetSize: 5, seed });
  const random = createRandom(seed);
  const influence = Float64Array.from({ length: samples * samples }, () => random.normal());
  return uLira({ shadows: scoresOf(plan, "shadow", influence, random), targets: scoresOf(plan, "target", influence, random) });
}

function scoresOf(plan: ShadowPlan, role: PlannedModel["role"], influence: Float64Array, random: ReturnType<typeof createRandom>) {
  const roles = rolesOfRuns(plan, role);
  const runs = plan.models
    .filter((model) => model.role === role)
    .flatMap(({ members, forgetSets }) => forgetSets.map((forgetSet) => members.filter((member) => !forgetSet.includes(member))));
  const phi = runs.flatMap((trained) =>
    Array.from(
      plan.attacked,
      (x) => trained.reduce((sum, t) => sum + influence[x * samples + t], 0) / Math.sqrt(trained.length) + 0.3 * random.normal(),
    ),
  );
  return { phi: { shape: roles.forgotten.shape, values: Float64Array.from(phi) }, ...roles };
}

test("of perfect unlearning, the accuracy is 0.5 on average and within its interval as often as it says", () => {
  const audits = Array.from({ length: 300 }, (_, audit) => perfectAudit(`audit-${audit}`));
  const accuracies = audits.map(({ accuracy }) => accuracy!);
  const average = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  const spread = Math.sqrt(accuracies.reduce((sum, accuracy) => sum + (accuracy - average) ** 2, 0) / (accuracies.length - 1));
  expect(Math.abs(average - 0.5)).toBeLessThan((3 * spread) / Math.sqrt(accuracies.length));
  const covered = audits.filter(({ accuracyInterval: interval }) => interval!.lower <= 0.5 && interval!.upper >= 0.5).length / audits.length;
  // 95% within three binomial standard errors.
  expect(Math.abs(covered - 0.95)).toBeLessThan(3 * Math.sqrt((0.95 * 0.05) / audits.length));
});
