import type { View } from "../../terminal/view.ts";
import { visibleWidth } from "../../terminal/width.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { BackendFindings } from "./backend.ts";
import type { Check } from "./check.ts";
import { describeSpeed } from "./speed.ts";

const indent = 16;

/** What was found, from the verdicts to what could be better. */
export function describeFindings({ checks, considered, speeds, advice }: BackendFindings, { style, columns }: View): string {
  const marks = { fine: style.green("✓"), weak: style.yellow("!"), broken: style.red("✗") };
  const line = (mark: string, name: string, sentence: string): string[] => {
    const [first = "", ...rest] = wrap(sentence, Math.max(columns - indent, 30));
    return [`${mark} ${name.padEnd(indent - 4)}  ${first}`, ...rest.map((text) => `${" ".repeat(indent)}${text}`)];
  };
  const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ["", style.bold(title), ...lines]);
  const rates = speeds.map((speed) => ({ ...speed, rate: describeSpeed(speed) }));
  const [nameWidth, rateWidth] = [Math.max(0, ...rates.map(({ name }) => name.length)), Math.max(0, ...rates.map(({ rate }) => visibleWidth(rate)))];
  return [
    ...checks.flatMap(({ verdict, name, sentence }) => line(marks[verdict], name, sentence)),
    ...section(
      "Speed",
      rates.map(({ name, rate, of }) => `  ${name.padEnd(nameWidth)}  ${rate.padStart(rateWidth)}  ${style.dim(of)}`),
    ),
    ...section(
      "Backends, the fastest first",
      considered.flatMap(({ name, available, discouraged, reason }) =>
        line(available && !discouraged ? style.green("✓") : style.dim("–"), name, reason),
      ),
    ),
    ...section(
      "To go faster",
      advice.flatMap((sentence) => wrap(sentence, Math.max(columns - 2, 30)).map((text) => `  ${text}`)),
    ),
    "",
    verdictOf(checks, style),
  ].join("\n");
}

function verdictOf(checks: readonly Check[], style: View["style"]): string {
  const broken = checks.filter(({ verdict }) => verdict === "broken").length;
  if (broken === 0) return style.green("Lethe can work here.");
  return style.red(`${broken} essential ${broken === 1 ? "thing is" : "things are"} broken.`);
}
