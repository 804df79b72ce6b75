import type { ConsideredBackend } from "@lethe/backends";
import type { View } from "../../terminal/view.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { Check } from "./check.ts";

export function describeChecks(checks: readonly Check[], considered: readonly ConsideredBackend[], { style, columns }: View): string {
  const marks = { fine: style.green("✓"), weak: style.yellow("!"), broken: style.red("✗") };
  const line = (mark: string, name: string, sentence: string) => {
    const [first, ...rest] = wrap(sentence, Math.max(columns - 16, 30));
    return [`${mark} ${name.padEnd(12)}  ${first}`, ...rest.map((text) => `${" ".repeat(16)}${text}`)];
  };
  const broken = checks.filter(({ verdict }) => verdict === "broken").length;
  const verdict =
    broken === 0 ? style.green("Lethe can work here.") : style.red(`${broken} essential ${broken === 1 ? "thing is" : "things are"} broken.`);
  return [
    ...checks.flatMap(({ verdict: mark, name, sentence }) => line(marks[mark], name, sentence)),
    "",
    style.bold("Backends, the fastest first"),
    ...considered.flatMap(({ name, available, discouraged, reason }) =>
      line(available && !discouraged ? style.green("✓") : style.dim("–"), name, reason),
    ),
    "",
    verdict,
  ].join("\n");
}
