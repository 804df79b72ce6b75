import type { Json } from "@lethe/core";
import { bytes, plural, significant } from "../../terminal/format.ts";
import type { Answer } from "./answer.ts";

type Recording = NonNullable<Answer["recording"]>;
type Result = Pick<Answer["result"], "report" | "cost">;

/** How many times less a request took than training again would; null where that is not known. */
export function speedUps(
  { retrainingSeconds }: Recording,
  { report, cost }: Result,
): { readonly samples: number | null; readonly seconds: number | null } {
  const seconds = retrainingSeconds === null || cost.seconds === 0 ? null : retrainingSeconds / cost.seconds;
  return { samples: numberIn(report, "speedUp"), seconds };
}

/** What a method says of its work on a recording, as far as it does. */
export function recordingRows(recording: Recording, result: Result): readonly (readonly [string, string])[] {
  const { report } = result;
  const redone = [
    { noun: "block", done: numberIn(report, "blocksRedone"), of: numberIn(report, "blocks") },
    { noun: "stage", done: numberIn(report, "stagesRedone"), of: numberIn(report, "stages") },
  ];
  const { samples, seconds } = speedUps(recording, result);
  const times = [
    ...(samples === null ? [] : [`${significant(samples)} times by samples`]),
    ...(seconds === null ? [] : [`${significant(seconds)} times by the clock, as training was timed`]),
  ];
  const { destroyed } = report;
  const stored = numberIn(report, "bytesStored");
  return [
    ...redone.flatMap(({ noun, done, of }) => (done === null || of === null ? [] : [["redone", `${done} of ${plural(of, noun)}`] as const])),
    ...(times.length === 0 ? [] : [["less work", `than training again: ${times.join(", ")}`] as const]),
    ...(Array.isArray(destroyed) ? [["destroyed", `${plural(destroyed.length, "snapshot")} in the copy of the recording`] as const] : []),
    ...(stored === null ? [] : [["recording", bytes(stored)] as const]),
  ];
}

/** Said plainly, as nobody else knows of it. */
export function stillThere(run: string, { path }: Recording): string {
  return (
    `${run} is as it was: its model, and the recording ${path}, still hold what was to be forgotten. Delete them when you need them no more; ` +
    `--destroy-recording destroys the recording at once.`
  );
}

function numberIn(report: { readonly [key: string]: Json }, name: string): number | null {
  const value = report[name];
  return typeof value === "number" ? value : null;
}
