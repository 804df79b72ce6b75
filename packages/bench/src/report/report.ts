import type { ExperimentResults } from "../results/experiment-results.ts";
import { summarise } from "../summary/summarise.ts";
import type { Report } from "./document.ts";
import { scenesOf } from "./scene.ts";
import { auditsSection } from "./sections/audits.ts";
import { guide, subtitleOf } from "./sections/guide.ts";
import { lockSection } from "./sections/lock.ts";
import { scenarioSection } from "./sections/scenario.ts";
import { sequencesSection } from "./sections/sequences.ts";
import { untestedSection } from "./sections/untested.ts";
import { verdictsSection } from "./sections/verdicts.ts";

/** What both kinds of report say, in their order. */
export function reportOf(results: ExperimentResults): Report {
  const summary = summarise(results);
  const scenes = scenesOf(results, summary);
  return {
    title: results.name,
    subtitle: subtitleOf(results, summary),
    blocks: [
      ...guide(),
      ...verdictsSection(scenes),
      ...sequencesSection(scenes),
      ...scenes.flatMap(scenarioSection),
      ...auditsSection(results.audits),
      ...untestedSection(results, summary),
      ...lockSection(results),
    ],
  };
}
