import type { RowSummary } from "../../summary/summary.ts";
import type { Block, List } from "../document.ts";
import { formatFactor, formatSeconds } from "../numbers.ts";
import { outcomeOf } from "../outcome.ts";
import type { Scene } from "../scene.ts";
import { distinct, plural } from "../words.ts";

/** One word per method and scenario, then one sentence each. */
export function verdictsSection(scenes: readonly Scene[]): readonly Block[] {
  return [
    { kind: "heading", level: 2, text: "Verdicts", id: "verdicts" },
    ...(scenes.length > 1 ? [overview(scenes)] : []),
    ...scenes.flatMap((scene): Block[] => [{ kind: "heading", level: 3, text: `${scene.title}, ${scene.summary.forgotten}` }, sentences(scene)]),
  ];
}

function overview(scenes: readonly Scene[]): Block {
  const methods = distinct(scenes.flatMap(({ summary }) => orderedRows(summary.rows).map(({ method }) => method)));
  return {
    kind: "table",
    caption: "At a glance: the gravest finding of each method",
    head: [{ title: "Method", align: "left" }, ...scenes.map(({ title }) => ({ title, align: "left" as const }))],
    rows: methods.map((method) => ({
      cells: [
        { text: method },
        ...scenes.map(({ summary, columns }) => {
          const row = summary.rows.find((row) => row.method === method);
          if (row === undefined) return { text: "–" };
          const { mark } = outcomeOf(row, columns);
          return { text: mark.label, mark };
        }),
      ],
    })),
  };
}

const doubt = " This is a genuine retrained model: the yardstick of this scenario is too strict, and the other verdicts are to be doubted alike.";

function sentences({ summary, columns }: Scene): List {
  return {
    kind: "list",
    items: orderedRows(summary.rows).map((row) => {
      const { mark, predicate } = outcomeOf(row, columns);
      return {
        mark,
        text: [
          { strong: row.role === "do-nothing" ? "Doing nothing" : row.method },
          ` ${predicate}.${speed(row, summary.oracleSeconds)}${row.role === "control" && mark.tone !== "good" ? doubt : ""}`,
        ],
      };
    }),
  };
}

/** The methods first: they are what the reader came for. */
function orderedRows(rows: readonly RowSummary[]): readonly RowSummary[] {
  const places: readonly RowSummary["role"][] = ["method", "control", "do-nothing"];
  return rows.toSorted((a, b) => places.indexOf(a.role) - places.indexOf(b.role));
}

function speed({ role, seconds, speedUp, failures, seeds }: RowSummary, retraining: number | null): string {
  const unfinished = failures.length > 0 && seeds.length > 0 ? ` ${plural(failures.length, "run")} of ${failures.length + seeds.length} failed.` : "";
  if (role !== "method" || seconds.request === null || speedUp === null) return unfinished;
  const faster = speedUp >= 1 ? `${formatFactor(speedUp)} as fast as retraining` : `${formatFactor(1 / speedUp)} as slow as retraining`;
  const once = seconds.preparation === null ? "" : `, after ${formatSeconds(seconds.preparation)} of preparation, once`;
  return ` A request takes ${formatSeconds(seconds.request)}, ${faster} (${formatSeconds(retraining)})${once}.${unfinished}`;
}
