import type { RowSummary } from "../../summary/summary.ts";
import { bandCell, metricCell, metricOf } from "../columns.ts";
import type { Cell, Table } from "../document.ts";
import { formatFactor, formatLength, formatSeconds, missing } from "../numbers.ts";
import type { Scene } from "../scene.ts";
import { plural } from "../words.ts";

/** Doing nothing, the methods, the controls, and the oracles that all are compared with. */
export function resultsTable({ title, summary, columns }: Scene): Table {
  const { rows, oracles, oracleSeconds } = summary;
  return {
    kind: "table",
    caption: `Results of ${title}: means over seeds with 95% intervals; for the oracles, the band`,
    head: [
      { title: "Method", align: "left" },
      ...columns.map(({ title, unit }) => ({ title, align: "right" as const, ...(unit === undefined ? {} : { unit }) })),
      { title: "Moved", unit: "norm", align: "right" },
      { title: "Time", align: "right" },
      { title: "Faster", align: "right" },
    ],
    rows: [
      ...rows.map((row) => ({
        cells: [
          nameCell(row),
          ...columns.map(({ metric }) => metricCell(metricOf(row, metric))),
          { text: formatLength(row.moved) },
          ...timeCells(row),
        ],
      })),
      {
        tone: "reference",
        cells: [
          { text: "oracles", details: [`${oracles} per seed`] },
          ...columns.map(({ metric }) => bandCell(metricOf(rows[0], metric))),
          { text: missing },
          { text: formatSeconds(oracleSeconds) },
          { text: missing },
        ],
      },
    ],
  };
}

function nameCell({ method, seeds, failures }: RowSummary): Cell {
  const failed = failures.length === 0 ? "" : `, ${failures.length} failed`;
  return { text: method, details: [`${plural(seeds.length, "seed")}${failed}`] };
}

function timeCells({ seconds, speedUp }: RowSummary): readonly Cell[] {
  const once = [
    ...(seconds.preparation === null ? [] : [`+ ${formatSeconds(seconds.preparation)} once`]),
    ...(seconds.search === null ? [] : [`+ ${formatSeconds(seconds.search)} search`]),
  ];
  return [{ text: formatSeconds(seconds.request), details: once }, { text: formatFactor(speedUp) }];
}
