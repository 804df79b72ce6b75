import * as tf from "@tensorflow/tfjs";
import type { AnyMethod, Dataset, ForgetSelection, LayerKind, Recipe } from "@lethe/core";

/** A tiny problem that every law is tried on. Authors may add their own: ones with the layers their method is made for. */
export interface TestProblem {
  /** For the report: `"convolutions and batch norm"`. */
  readonly name: string;
  /** An untrained network of its own, every layer with weights named. What it draws from `Math.random` is seeded around the call. */
  build(): tf.LayersModel;
  /** The same data at every call, sharing no memory. */
  data(): Dataset;
  readonly recipe: Recipe;
  /** `tfjs`: compiled and trained without Lethe. No recorder can have watched that, and the recipe only resembles what was done. */
  readonly trainedBy: "lethe" | "tfjs";
  /** Kinds of the layers that hold parameters. */
  readonly layers: readonly LayerKind[];
}

/** Whether the method's declared needs allow it to be tried on the problem. */
export function suits(problem: TestProblem, { needs }: AnyMethod["method"]): boolean {
  if (needs.trace === "required" && problem.trainedBy === "tfjs") return false;
  return needs.layers === "any" || problem.layers.every((kind) => needs.layers.includes(kind));
}

/** Two requests that a method with these scenarios is meant to answer, to be made one after the other. */
export function requestsFor({ scenarios }: AnyMethod["method"], data: Dataset): readonly [ForgetSelection, ForgetSelection] {
  if (!scenarios.includes("random") && scenarios.includes("class")) return [{ class: 1 }, { class: 2 }];
  // Samples of one class serve random requests as well as those for a coherent part of a class.
  const ofClass = (label: number) => data.ids.filter((_, position) => data.labels[position] === label);
  return [ofClass(1).slice(0, 3), ofClass(2).slice(0, 2)];
}
