import * as tf from "@tensorflow/tfjs";
import type { AnyMethod } from "@lethe/core";
import { beforeAll, describe, it } from "vitest";
import type { BadOptions, Trial } from "./law.ts";
import { methodLaws } from "./laws/index.ts";
import { suits, testProblems, type TestProblem } from "./problems/index.ts";

export interface MethodDescription {
  /** Heads the report: usually the package's name. */
  readonly name: string;
  /**
   * The method with options that suit 24 samples: few epochs, and batches of 8 or fewer, so that there are several steps to interrupt. Called
   * anew for every law.
   */
  configure(): AnyMethod;
  /** Options that must be refused; unknown ones are tried anyway. */
  readonly badOptions?: readonly BadOptions[];
  /** Default {@link testProblems}, those that the method's needs allow. */
  readonly problems?: readonly TestProblem[];
}

/** Milliseconds; far above what a law takes on a slow machine, far below forever. */
const patience = 60_000;

/**
 * Declares a vitest suite that holds a method to the laws of the contract, one test per law and problem, on the `cpu` backend. Laws that
 * say nothing about a method with its declarations are left out.
 *
 * @example
 * describeMethod({
 *   name: "lethe-method-mine",
 *   configure: () => mine({ epochs: 2, batchSize: 8 }),
 *   badOptions: [{ options: { epochs: -1 }, mentions: "epochs" }],
 * });
 */
export function describeMethod({ name, configure, badOptions, problems = testProblems }: MethodDescription): void {
  const { method } = configure();
  const laws = methodLaws.filter((law) => law.applies(method));
  const suitable = problems.filter((problem) => suits(problem, method));
  const check = (concerns: "declarations" | "behaviour", problem: TestProblem) => {
    const trial: Trial = { configure, problem, ...(badOptions ? { badOptions } : {}) };
    for (const law of laws) if (law.concerns === concerns) it(law.law, () => law.check(trial), patience);
  };
  describe(`${name} obeys the method contract`, () => {
    beforeAll(async () => {
      await tf.setBackend("cpu");
    });
    it("suits at least one of the problems", () => {
      if (suitable.length === 0)
        throw new Error(
          `None of ${problems.map((problem) => problem.name).join(", ")} has only layers that ${name} knows; pass problems of your own.`,
        );
    });
    check("declarations", problems[0]);
    for (const problem of suitable) describe(problem.name, () => check("behaviour", problem));
  });
}
