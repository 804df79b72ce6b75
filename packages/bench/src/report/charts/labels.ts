/** A mark with a name, in pixels from the top left of the frame. */
interface Named {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

interface Placed extends Named {
  /** Where the name begins, or ends if it stands to the left; the middle of its height. */
  readonly label: { readonly x: number; readonly y: number; readonly anchor: "start" | "end" };
}

interface Frame {
  readonly width: number;
  readonly height: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const letterWidth = 7.2;
const lineHeight = 14;
/** Between a mark and its name, and around a name. */
const gap = 10;
const space = 2;
const radius = 6;
/** Lines up and down that a name may move. */
const farthest = 12;

/** Puts each name beside its mark, or as near as it can without covering a mark, an obstacle or another name: right or left, then line by line down and up. */
export function placeLabels(marks: readonly Named[], frame: Frame, obstacles: readonly Box[] = []): readonly Placed[] {
  const fixed = [...obstacles, ...marks.map(boxOfMark)];
  const shifts = Array.from({ length: farthest }, (_, line) => [line * lineHeight, -line * lineHeight]).flat();
  const placed: { readonly mark: Named; readonly box: Box; readonly label: Placed["label"] }[] = [];
  for (const mark of marks.toSorted((a, b) => a.y - b.y)) {
    const candidates = shifts.flatMap((shift) => [labelAt(mark, shift, "start"), labelAt(mark, shift, "end")]);
    const inside = candidates.filter(({ box }) => box.left >= 0 && box.right <= frame.width && box.top >= 0 && box.bottom <= frame.height);
    const free = inside.find(({ box }) => ![...fixed, ...placed.map((other) => other.box)].some((other) => overlap(box, other)));
    // A frame full of names: beside its mark, over whatever is there.
    placed.push({ mark, ...(free ?? inside[0] ?? candidates[0]) });
  }
  return marks.map((mark) => ({ ...mark, label: placed.find((each) => each.mark === mark)!.label }));
}

export function boxOfMark({ x, y }: Pick<Named, "x" | "y">): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function labelAt({ name, x, y }: Named, shift: number, anchor: Placed["label"]["anchor"]): { readonly box: Box; readonly label: Placed["label"] } {
  const width = letterWidth * name.length;
  const start = anchor === "start" ? x + gap : x - gap;
  const left = anchor === "start" ? start : start - width;
  const middle = y + shift;
  return {
    box: { left: left - space, right: left + width + space, top: middle - lineHeight / 2 + 0.5, bottom: middle + lineHeight / 2 - 0.5 },
    label: { x: start, y: middle, anchor },
  };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
