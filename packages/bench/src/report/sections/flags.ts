import type { Block, List } from "../document.ts";
import type { Scene } from "../scene.ts";
import { lowerFirst, plural, seedsInWords } from "../words.ts";

/** Most metrics that one flag names. */
const named = 3;

/** What must not be overlooked in reading the table: of the evaluations, then of each row. */
export function flagBlocks(scene: Scene): readonly Block[] {
  const items = [...scenarioItems(scene), ...rowItems(scene)];
  if (items.length === 0) return [];
  return [
    { kind: "heading", level: 4, text: "Flags" },
    { kind: "list", tone: "note", items },
  ];
}

function scenarioItems({ summary }: Scene): List["items"] {
  return summary.flags.map(({ sentence, seeds }) => ({ text: `${sentence}${whichSeeds(seeds, summary.rows[0].seeds)}` }));
}

function rowItems({ summary }: Scene): List["items"] {
  return summary.rows.flatMap((row) => {
    const flagged = row.flags.map(({ flag, seeds }) => {
      // The numbers behind a flag stand in its sentence after a colon; they are of one seed, those in the table of all.
      const [what] = flag.sentence.replace(/\.$/, "").split(": ");
      const titles = flag.metrics.map((name) => row.metrics.find((metric) => metric.name === name)?.title ?? name);
      const where = titles.length === 0 ? "" : ` (${shortened(titles.map(lowerFirst))})`;
      return `${what}${where}${whichSeeds(seeds, row.seeds)}`;
    });
    const ended = row.statuses
      .filter(({ status }) => status !== "completed")
      .map(({ status, seeds }) => `Ended as “${status}” for ${plural(seeds, "seed")}`);
    const failed = row.failures.map(({ seed, code, message }) => `Failed for seed ${seed} (${code}): ${message.replace(/\.$/, "")}`);
    const all = [...flagged, ...ended, ...failed];
    return all.length === 0 ? [] : [{ text: [{ strong: row.method }, `: ${all.join(". ")}.`] }];
  });
}

/** With semicolons: titles of metrics have commas of their own. */
function shortened(titles: readonly string[]): string {
  return titles.length <= named + 1 ? titles.join("; ") : `${titles.slice(0, named).join("; ")}; and ${titles.length - named} more`;
}

function whichSeeds(having: readonly number[], all: readonly number[]): string {
  return having.length === all.length ? "" : `, ${seedsInWords(having)}`;
}
