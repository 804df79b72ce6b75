import type { ScheduleOptions } from "./recipe.ts";

/**
 * The learning rate of one step.
 *
 * @param time epochs since the beginning, with the fraction: epoch + step / steps per epoch.
 * @param epochs length of the whole run.
 * @example
 * learningRate({ kind: "cosine", rate: 0.1 }, 5, 10); // 0.05
 */
export function learningRate(schedule: ScheduleOptions, time: number, epochs: number): number {
  const { rate, warmUp = 0 } = schedule;
  const ramp = time < warmUp ? time / warmUp : 1;
  switch (schedule.kind) {
    case "constant":
      return ramp * rate;
    case "step":
      return ramp * rate * schedule.factor ** schedule.milestones.filter((milestone) => time >= milestone).length;
    case "cosine": {
      const { final = 0 } = schedule;
      return ramp * (final + ((rate - final) * (1 + Math.cos((Math.PI * time) / epochs))) / 2);
    }
    case "exponential":
      return ramp * rate * schedule.factor ** Math.floor(time);
  }
}
