import type { HostTensor } from "@lethe/core";
import { svcAttack } from "../../membership/svc-attack.ts";
import type { ModelMetric } from "../metric.ts";
import type { SetOutputs } from "../outputs.ts";
import { pick, svcLimit } from "../setting.ts";
import { measuredShare } from "./accuracy.ts";

/** The attack behind "MIA" in the usual tables, on the confidence. */
export const svcAttackMetric: ModelMetric = {
  kind: "model",
  name: "svc-attack-efficacy",
  version: 1,
  title: "SVC attack on the confidence, efficacy",
  recipe: `Share of the forget set called non-members by a support-vector classifier (Gaussian kernel, C = 3, gamma = 1) on p(x)_y, taught by as many retain as test samples, drawn at random, at most ${svcLimit} of each.`,
  unit: "share",
  direction: "match oracles",
  sides: { below: "under-forgotten", above: "over-forgotten" },
  range: [0, 1],
  measure(model, { svc }) {
    const attack = svcAttack({
      members: column(pick(confidences(model.retain), svc.members)),
      nonMembers: column(pick(confidences(model.test), svc.nonMembers)),
      forget: column(confidences(model.forget)),
    });
    return attack && measuredShare(attack.efficacy, model.forget.count);
  },
};

function confidences(outputs: SetOutputs): Float64Array {
  return outputs.losses().map((loss) => Math.exp(-loss));
}

function column(values: Float64Array): HostTensor {
  return { shape: [values.length, 1], values };
}
