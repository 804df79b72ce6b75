import { createRandom } from "@lethe/core";
import { expect, it } from "vitest";
import { placeLabels } from "./labels.ts";

const frame = { width: 600, height: 250 };

it("puts a lonely name right of its mark, or left where the frame ends", () => {
  expect(placeLabels([{ name: "ssd", x: 100, y: 50 }], frame)[0].label).toEqual({ x: 110, y: 50, anchor: "start" });
  expect(placeLabels([{ name: "ssd", x: 590, y: 50 }], frame)[0].label).toEqual({ x: 580, y: 50, anchor: "end" });
});

it("covers neither marks nor other names, however crowded, and stays in the frame", () => {
  const random = createRandom(1);
  for (let trial = 0; trial < 30; trial++) {
    const marks = Array.from({ length: 8 }, (_, k) => ({ name: `method-${k}`, x: 200 + 60 * random.uniform(), y: 100 + 40 * random.uniform() }));
    const boxes = placeLabels(marks, frame).map(({ name, label }) => {
      const left = label.anchor === "start" ? label.x : label.x - 7 * name.length;
      return { left, right: left + 7 * name.length, top: label.y - 6, bottom: label.y + 6 };
    });
    boxes.forEach((box, k) => {
      expect(Math.min(box.left, box.top, frame.width - box.right, frame.height - box.bottom)).toBeGreaterThanOrEqual(0);
      const others = [...boxes.slice(k + 1), ...marks.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }))];
      const covered = others.filter((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      expect(covered).toEqual([]);
    });
  }
});
