import { intervalAttack } from "../../membership/interval-attack.ts";
import { shareResolution } from "../../statistics/standard-error.ts";
import type { ModelMetric } from "../metric.ts";
import { pick } from "../setting.ts";

/** Whether the forget set can be picked out by one interval of the margin: as something that was unlearned. */
export const intervalAttackMetric: ModelMetric = {
  kind: "model",
  name: "interval-attack-accuracy",
  version: 1,
  title: "Interval attack on the margin, accuracy",
  recipe:
    "Balanced accuracy of telling forget from unseen samples (test samples of the classes in the forget set) by whether the margin is inside an interval, or outside it, whichever is better; chosen on one random half, measured on the other, mean over both directions.",
  unit: "share",
  direction: "lower",
  sides: { below: "within oracle band", above: "stands out" },
  range: [0, 1],
  measure(model, { unseen, seed }) {
    const attack = intervalAttack({ forget: model.forget.margins(), unseen: pick(model.test.margins(), unseen) }, { seed });
    return attack && { value: attack.accuracy, resolution: shareResolution(attack.accuracy, 2 * Math.min(model.forget.count, unseen.length)) };
  },
};
