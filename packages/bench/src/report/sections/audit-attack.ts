import { attackTitles, recordsOfAttack, type AttackName } from "../../audits/attack-names.ts";
import type { AuditBudget, AuditResult } from "../../results/audit-result.ts";
import type { Block } from "../document.ts";
import { groupThousands } from "../numbers.ts";
import { plural } from "../words.ts";
import { curvesFigure, samplesFigure } from "./audit-figures.ts";
import { auditTable, lowRates } from "./audit-table.ts";

/** What one attack finds: its table, what the table can show, its curves. */
export function attackBlocks(attack: AttackName, results: readonly AuditResult[]): readonly Block[] {
  const [{ budget }] = results;
  const smallestRate = smallestRateOf(budget);
  const own = results.map((result) => ({
    ...result,
    records: recordsOfAttack(attack, result.records),
    found: result.attacks.find(({ name }) => name === attack),
  }));
  return [
    { kind: "heading", level: 4, text: attackTitles[attack] },
    { kind: "paragraph", text: about[attack](budget) },
    auditTable(attackTitles[attack], own, smallestRate),
    { kind: "paragraph", tone: "note", text: `${support[attack](budget)} ${rateInWords(smallestRate)}` },
    ...curvesFigure(attackTitles[attack], own),
    ...samplesFigure(attackTitles[attack], own),
  ];
}

/** One over the number of never-seen cases among the targets: of each attacked sample, half of the targets never saw it, in every one of their runs. */
function smallestRateOf({ attacked, targets, forgetSets }: AuditBudget): number {
  return 2 / (attacked * targets * forgetSets);
}

const about: Readonly<Record<AttackName, (budget: AuditBudget) => string>> = {
  "u-lira": () =>
    "For each sample the attack fits one normal distribution of the margin to the shadow runs that forgot it and one to those that never saw it, and judges a target by which of the two explains it better.",
  rmia: ({ population }) =>
    `The attack asks how much likelier a target finds a sample than the shadow runs that never saw it do, and compares that with ${plural(population, "test sample")}: what has gained more than most of them, it calls forgotten. ` +
    "Its two settings were rehearsed on the shadow models. It looks one way only: an area (AUC) clearly below that of the control betrays what was forgotten as well, by being less likely than if it had never been seen.",
};

const support: Readonly<Record<AttackName, (budget: AuditBudget) => string>> = {
  "u-lira": ({ models, forgetSets }) =>
    `For each sample the attack knows ${plural(models / 2, "run")} that forgot it and ${groupThousands((models / 2) * forgetSets)} that never saw it.`,
  rmia: ({ models, forgetSets, population }) =>
    `For each sample the attack compares with ${plural((models / 2) * forgetSets, "run")} that never saw it. Its scores move in steps of 1/${groupThousands(population)}, and cases with equal scores cannot be told apart at any rate.`,
};

function rateInWords(smallestRate: number): string {
  const below = lowRates.filter(({ rate }) => rate < smallestRate * 0.999).map(({ words }) => words);
  const smallest = `The smallest false-positive rate that the targets can show is 1/${groupThousands(Math.round(1 / smallestRate))}; more targets or forget sets lower it.`;
  if (below.length === 0) return smallest;
  return `${smallest} What is marked † (${below.join(" and ")}) lies below it: it is what was found without a single false positive, which says little about the rate named.`;
}
