import { aucResolution, shareResolution, type ResultRecord } from "@lethe/metrics";
import { attackTitles, recordsOfAttack, type AttackName } from "../audits/attack-names.ts";
import type { AuditAttack, AuditResult } from "../results/audit-result.ts";
import { distinct } from "../summary/tally.ts";
import { compared, toleranceOf, type ToleranceOf } from "./compare-numbers.ts";
import { backendNote, expectTolerance, type CompareOptions, type Comparison } from "./compare-results.ts";
import { lockDifferences, type Decided } from "./lock-differences.ts";
import { worstVerdict, type ComparedNumber } from "./verdict.ts";

/**
 * Compares two audits number by number: of every record the value, the target (what the control gives) and the interval; and the accuracy on the test data, before and after.
 *
 * A number is `equal` if it has the same bits. The tolerance is what the cases can tell apart: of an area under the curve its standard error by Hanley and McNeil, of an
 * accuracy or a rate that of a share of the forgotten cases, of the accuracy on the test data that of a share of the test samples; one case at least. Curves are not compared.
 *
 * @throws LetheError `replay/bad-tolerance`.
 * @example
 * const [audit] = exampleResults().audits;
 * const comparison = compareAudits(audit, audit);
 * comparison.verdict; // "equal"
 * comparison.status; // null
 */
export function compareAudits(recorded: AuditResult, replayed: AuditResult, { tolerance }: CompareOptions = {}): Comparison {
  expectTolerance(tolerance);
  const tolerate = toleranceOf(tolerance);
  const names = distinct([recorded, replayed].flatMap(({ attacks }) => attacks.map(({ name }) => name)));
  const numbers = [...names.flatMap((name) => compareAttack(name, recorded, replayed, tolerate)), ...compareUtility(recorded, replayed, tolerate)];
  return {
    verdict: worstVerdict(numbers.map((number) => number.verdict)),
    numbers,
    status: null,
    weights: [],
    differences: lockDifferences(decided(recorded), decided(replayed)),
    notes: [...backendNote(recorded, replayed), ...names.flatMap((name) => settingsNotes(name, recorded, replayed))],
  };
}

function decided({ lock, records }: AuditResult): Decided {
  return { lock, metrics: records };
}

function compareAttack(name: AttackName, recorded: AuditResult, replayed: AuditResult, tolerate: ToleranceOf): readonly ComparedNumber[] {
  const before = recordsOfAttack(name, recorded.records);
  const now = recordsOfAttack(name, replayed.records);
  const { cases } = (foundBy(name, recorded) ?? foundBy(name, replayed))!;
  return distinct([...before, ...now].map((record) => record.name)).flatMap((quantity) => {
    const find = (records: readonly ResultRecord[]) => records.find((record) => record.name === quantity);
    const compare = (of: string, valueOf: (record: ResultRecord) => number | null | undefined) => {
      const [a, b] = [find(before), find(now)].map((record) => (record && valueOf(record)) ?? null);
      return compared(quantity, of, a, b, tolerate(a, b, a === null ? 0 : resolutionOf(quantity, a, cases)));
    };
    return [
      compare("value", ({ value }) => value),
      compare("target", ({ target }) => target),
      compare("interval lower", ({ interval }) => interval?.lower),
      compare("interval upper", ({ interval }) => interval?.upper),
    ];
  });
}

function foundBy(attack: AttackName, { attacks }: AuditResult): AuditAttack | undefined {
  return attacks.find(({ name }) => name === attack);
}

function resolutionOf(quantity: string, value: number, { forgotten, neverSeen }: AuditAttack["cases"]): number {
  return quantity.endsWith("-auc") ? aucResolution(value, forgotten, neverSeen) : shareResolution(value, forgotten);
}

function compareUtility(recorded: AuditResult, replayed: AuditResult, tolerate: ToleranceOf): readonly ComparedNumber[] {
  const testSize = Math.max(1, recorded.lock.data.testSize);
  return (["unlearned", "original"] as const).map((of) => {
    const [a, b] = [recorded.utility[of], replayed.utility[of]];
    return compared("test-accuracy", of, a, b, tolerate(a, b, a === null ? 0 : shareResolution(a, testSize)));
  });
}

/** An attack that chose otherwise in its rehearsal is another one, which may explain numbers that differ. */
function settingsNotes(name: AttackName, recorded: AuditResult, replayed: AuditResult): readonly string[] {
  const [before, now] = [foundBy(name, recorded)?.settings, foundBy(name, replayed)?.settings];
  if (before === undefined || now === undefined) return [];
  const changed = Object.keys(before).filter((setting) => before[setting] !== now[setting]);
  return changed.map(
    (setting) => `What ${attackTitles[name]} chose by itself differs: ${setting} was ${before[setting]} and is now ${now[setting]}.`,
  );
}
