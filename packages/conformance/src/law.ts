import { isLetheError, LetheError, type AnyMethod } from "@lethe/core";
import type { TestProblem } from "./problems/index.ts";
import { withStage, type Stage } from "./stage.ts";

type Method = AnyMethod["method"];

/** Options that the method must refuse with `options/invalid`, and a word that the message must contain: the name of the option. */
export interface BadOptions {
  readonly options: unknown;
  readonly mentions: string;
}

/** One method on one problem. */
export interface Trial {
  /** The method with options that suit 24 samples: a batch of 8 or fewer, so that there are several steps to interrupt. */
  configure(): AnyMethod;
  readonly badOptions?: readonly BadOptions[];
  readonly problem: TestProblem;
}

/** One law of the method contract. Free of any test framework: {@link describeMethod} wraps it for vitest. */
export interface MethodLaw {
  /** A sentence without a subject: `"keeps names, shapes and element types"`. */
  readonly law: string;
  /** `declarations` are checked once, `behaviour` on every problem. */
  readonly concerns: "declarations" | "behaviour";
  /** Whether the law says anything about a method with these declarations. */
  applies(method: Method): boolean;
  /** @throws LetheError `conformance/law-broken`, saying how. */
  check(trial: Trial): Promise<void>;
}

export function declarationLaw(law: string, body: (configured: AnyMethod, trial: Trial) => void): MethodLaw {
  const check = (trial: Trial) => explained(law, trial, async () => body(trial.configure(), trial));
  return { law, concerns: "declarations", applies: () => true, check };
}

export function behaviourLaw(
  law: string,
  body: (stage: Stage, trial: Trial) => Promise<void>,
  applies: (method: Method) => boolean = () => true,
): MethodLaw {
  const check = (trial: Trial) => explained(law, trial, () => withStage(trial, (stage) => body(stage, trial)));
  return { law, concerns: "behaviour", applies, check };
}

/** @throws LetheError `conformance/law-broken` unless the statement holds. */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new LetheError(code, otherwise);
}

const code = "conformance/law-broken";

/** Every failure, a crash of the method included, becomes an error that says which law is broken and on which problem. */
async function explained(law: string, { problem }: Trial, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const fact = isLetheError(error) && error.code === code ? error.message : `it threw ${describeError(error)}.`;
    throw new LetheError(code, `The law "${law}" is broken on ${problem.name}: ${fact}`, { law, problem: problem.name }, { cause: error });
  }
}

export function describeError(error: unknown): string {
  if (isLetheError(error)) return `${error.code} (${error.message})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
