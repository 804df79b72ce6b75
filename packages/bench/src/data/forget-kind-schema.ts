import type { ForgetKind, WholeKind } from "@lethe/datasets";
import { z } from "zod";

const count = z.int().min(0);

const whole: z.ZodType<WholeKind> = z.union([
  z.object({ class: count }),
  z.object({ where: z.string() }),
  z.object({ poisoned: count }),
  z.object({ ids: count }),
]);

/** What is to be forgotten, as results and run folders hold it. */
export const forgetKindSchema: z.ZodType<ForgetKind> = z.union([
  whole,
  z.object({ random: count, of: whole }),
  z.object({ random: count, of: z.undefined().optional() }).transform(({ random }) => ({ random })),
]);
