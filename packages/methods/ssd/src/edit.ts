import type { HostTree } from "@lethe/core";
import { dampen, type Dampening } from "./dampen.ts";

/** Mean importances, float64. */
export interface Importances {
  readonly forget: HostTree;
  readonly full: HostTree;
}

export type Edits = readonly (readonly [name: string, edit: Dampening])[];

/** {@link dampen} over a whole model. */
export function dampenAll(theta: HostTree, { forget, full }: Importances, alpha: number, lambda: number): Edits {
  return Object.entries(theta).map(([name, { values }]) => [name, dampen(values, forget[name].values, full[name].values, alpha, lambda)]);
}

/** The weights after the edits. */
export function edited(theta: HostTree, edits: Edits): HostTree {
  return Object.fromEntries(edits.map(([name, { values }]) => [name, { shape: theta[name].shape, values }]));
}

export function selectedCount(edits: Edits): number {
  return edits.reduce((count, [, edit]) => count + edit.selected, 0);
}
