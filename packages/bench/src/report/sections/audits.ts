import type { AttackName } from "../../audits/attack-names.ts";
import type { AuditResult } from "../../results/audit-result.ts";
import type { Block } from "../document.ts";
import { formatSeconds, groupThousands } from "../numbers.ts";
import { distinct, plural } from "../words.ts";
import { attackBlocks } from "./audit-attack.ts";

export function auditsSection(audits: readonly AuditResult[]): readonly Block[] {
  if (audits.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Audits", id: "audits" },
    {
      kind: "paragraph",
      text:
        "An audit asks whether someone who knows the method can tell a sample that was unlearned from one that was never seen, from the outputs of models that the attack was not fitted to. " +
        "0.5 is guessing. Retraining in the place of unlearning (control) shows what this budget says of a perfect method, doing nothing what it says of the worst. " +
        "Each attack has its own way of looking: what one of them finds is there, what none of them finds may still be.",
    },
    ...distinct(audits.map(({ audit }) => audit)).flatMap((name) => auditBlocks(audits.filter(({ audit }) => audit === name))),
  ];
}

/** @param results of one audit: the same shadow models, one method each. */
function auditBlocks(results: readonly AuditResult[]): readonly Block[] {
  const [{ audit, problem }] = results;
  const attacks: readonly AttackName[] = distinct(results.flatMap((result) => result.attacks.map(({ name }) => name)));
  return [
    { kind: "heading", level: 3, text: `“${audit}” on ${problem}` },
    { kind: "paragraph", text: budgetInWords(results) },
    ...flagBlocks(results),
    ...attacks.flatMap((attack) => attackBlocks(attack, results)),
  ];
}

function budgetInWords([{ budget, lock, seconds }]: readonly AuditResult[]): string {
  const { models, targets, forgetSets, forgetSize, attacked, trainingSize } = budget;
  const parts = [
    `${plural(models, "shadow model")} and ${plural(targets, "target")}, each trained on ${groupThousands(trainingSize)} of ${plural(lock.plan.pool, "sample")}`,
    `then unlearned ${forgetSets === 1 ? "once" : `${forgetSets} times`}, ${plural(forgetSize, "sample")} at a time`,
    `${plural(attacked, "sample")} attacked${lock.plan.class === null ? "" : `, all of class ${lock.plan.class}`}`,
    `${formatSeconds(seconds.trainings)} of training, shared by all methods`,
  ];
  return `Budget: ${parts.join("; ")}.`;
}

/** A model that has lost its use is flagged in every record of every attack; said once. */
function flagBlocks(results: readonly AuditResult[]): readonly Block[] {
  const items = results.flatMap(({ method, records }) =>
    distinct(records.flatMap(({ flags }) => flags.map(({ sentence }) => sentence))).map((sentence) => ({
      text: [{ strong: method }, `: ${sentence}`],
    })),
  );
  return items.length === 0 ? [] : [{ kind: "list", items }];
}
