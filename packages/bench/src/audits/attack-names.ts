/** Attacks on the shadow models of an audit, as an experiment names them. */
export const attackNames = ["u-lira", "rmia"] as const;

export type AttackName = (typeof attackNames)[number];

/** As people call them. */
export const attackTitles: Readonly<Record<AttackName, string>> = { "u-lira": "U-LiRA", rmia: "RMIA" };

/** Those of an audit's records that are of one attack. */
export function recordsOfAttack<Named extends { readonly name: string }>(attack: AttackName, records: readonly Named[]): readonly Named[] {
  return records.filter(({ name }) => name.startsWith(recordPrefix[attack]));
}

/** How `uLiraRecords` and `rmiaRecords` begin their names. */
const recordPrefix: Readonly<Record<AttackName, string>> = { "u-lira": "u-lira-", rmia: "unlearning-rmia-" };
