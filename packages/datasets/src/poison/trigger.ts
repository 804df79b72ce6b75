import { LetheError, elementCount, type Dataset, type HostTensor } from "@lethe/core";

/** What is put into an input to mark it. Values are in the units of the inputs: of a picture in 0 .. 1, white is 1. */
export type Trigger =
  | {
      readonly kind: "patch";
      /** Side of the square, in pixels; all channels of it get the value. */
      readonly size: number;
      readonly corner: "top-left" | "top-right" | "bottom-left" | "bottom-right";
      readonly value: number;
    }
  | {
      readonly kind: "features";
      /** Positions in the flattened input. */
      readonly indices: readonly number[];
      readonly value: number;
    };

/**
 * How a trigger marks an input of this data set, in place.
 *
 * @throws LetheError `poison/bad-trigger`.
 */
export function triggerOf(trigger: Trigger, data: Pick<Dataset, "name" | "inputShape" | "vocabulary">): (input: HostTensor["values"]) => void {
  const marked = trigger.kind === "patch" ? patchOf(trigger, data) : featuresOf(trigger.indices, data);
  const { value } = trigger;
  if (!Number.isFinite(value)) throw bad(`its value is ${value}`, "give a finite number", { value });
  if (data.vocabulary !== undefined && !(Number.isInteger(value) && value >= 0 && value < data.vocabulary)) {
    throw bad(`its value is ${value}`, `words of ${data.name} have the ids 0 to ${data.vocabulary - 1}`, { value, vocabulary: data.vocabulary });
  }
  return (input) => {
    for (const index of marked) input[index] = value;
  };
}

function patchOf({ size, corner }: Extract<Trigger, { kind: "patch" }>, { name, inputShape }: Pick<Dataset, "name" | "inputShape">): number[] {
  const [height, width, channels = 1, ...more] = inputShape;
  if (inputShape.length < 2 || more.length > 0) {
    const sentence = `inputs of ${name} are [${inputShape.join(", ")}], no pictures`;
    throw bad(sentence, 'give { kind: "features", indices, value }', { inputShape });
  }
  if (!Number.isInteger(size) || size < 1 || size > Math.min(height, width)) {
    throw bad(`${size} is no side of a square within ${height} x ${width} pixels`, "give a smaller whole number", { size, inputShape });
  }
  const [top, left] = [corner.startsWith("top") ? 0 : height - size, corner.endsWith("left") ? 0 : width - size];
  return Array.from({ length: size * size * channels }, (_, index) => {
    const [pixel, channel] = [Math.floor(index / channels), index % channels];
    return ((top + Math.floor(pixel / size)) * width + left + (pixel % size)) * channels + channel;
  });
}

function featuresOf(indices: readonly number[], { name, inputShape }: Pick<Dataset, "name" | "inputShape">): readonly number[] {
  const count = elementCount(inputShape);
  const odd = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (indices.length > 0 && odd === undefined) return indices;
  const complaint = odd === undefined ? "it marks nothing" : `${name} has no feature ${odd}`;
  throw bad(complaint, `features are 0 to ${count - 1}`, { indices, count });
}

function bad(complaint: string, advice: string, details: Readonly<Record<string, unknown>>): LetheError {
  return new LetheError("poison/bad-trigger", `The trigger cannot be used: ${complaint}; ${advice}.`, details);
}
