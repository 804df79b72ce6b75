import { isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planShadows, type ShadowPlanInput } from "./plan.ts";
import { membersOfModels, rolesOfRuns } from "./roles.ts";

const sizes = fc
  .record({
    shadowPairs: fc.integer({ min: 2, max: 5 }),
    targetPairs: fc.integer({ min: 1, max: 3 }),
    forgetSets: fc.integer({ min: 1, max: 4 }),
    forgetSize: fc.integer({ min: 1, max: 5 }),
    spare: fc.nat(9),
    seed: fc.integer(),
  })
  .map(({ shadowPairs, targetPairs, spare, ...rest }): ShadowPlanInput => {
    return { ...rest, models: 2 * shadowPairs, targets: 2 * targetPairs, poolSize: 2 * rest.forgetSets * rest.forgetSize + spare };
  });

test("every model trains on half of the pool, its partner on the other half, and forgets disjoint parts of its own", () => {
  fc.assert(
    fc.property(sizes, (input) => {
      const { models, attacked } = planShadows(input);
      expect(models.map(({ role }) => role)).toEqual([...Array(input.models).fill("shadow"), ...Array(input.targets).fill("target")]);
      for (let pair = 0; pair < models.length; pair += 2) {
        const both = [...models[pair].members, ...models[pair + 1].members].toSorted((a, b) => a - b);
        expect(both).toEqual(Array.from({ length: input.poolSize }, (_, i) => i));
        expect(Math.abs(models[pair].members.length - models[pair + 1].members.length)).toBeLessThan(2);
      }
      for (const { members, forgetSets } of models) {
        const forgotten = forgetSets.flatMap((set) => [...set]);
        expect(forgetSets.map((set) => set.length)).toEqual(Array(input.forgetSets).fill(input.forgetSize));
        expect(new Set(forgotten).size).toBe(forgotten.length);
        expect(forgotten.every((position) => members.includes(position) && attacked.includes(position))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("every attacked sample has as many values of each kind as the cost says, and every run is counted in it", () => {
  fc.assert(
    fc.property(sizes, (input) => {
      const plan = planShadows(input);
      for (const [role, models] of [
        ["shadow", input.models],
        ["target", input.targets],
      ] as const) {
        const { forgotten, neverSeen, retained, drawOfRun } = rolesOfRuns(plan, role);
        const runs = models * input.forgetSets;
        expect(forgotten.shape).toEqual([runs, plan.attacked.length]);
        expect(drawOfRun).toHaveLength(runs);
        expect(forgotten.values.every((value: number, i: number) => value + neverSeen.values[i] + retained.values[i] === 1)).toBe(true);
        for (let j = 0; j < plan.attacked.length; j++) {
          const count = (mask: HostTensor) => Array.from(mask.values).filter((value, i) => i % plan.attacked.length === j && value === 1).length;
          expect(count(forgotten)).toBe(models / 2);
          expect(count(neverSeen)).toBe((models / 2) * input.forgetSets);
          expect(count(membersOfModels(plan, role))).toBe(models / 2);
          if (role === "shadow") expect(plan.cost.valuesPerSample).toEqual({ forgotten: count(forgotten), neverSeen: count(neverSeen) });
        }
      }
      expect(plan.cost.trainings).toBe(plan.models.length);
      expect(plan.cost.unlearnings).toBe(plan.models.flatMap(({ forgetSets }) => forgetSets).length);
      expect(plan.cost.trainingSize).toBe(Math.max(...plan.models.map(({ members }) => members.length)));
    }),
    { numRuns: 60 },
  );
});

const input: ShadowPlanInput = { poolSize: 100, models: 6, targets: 2, forgetSets: 3, forgetSize: 4, seed: "plan" };

test("the seed decides, and more models leave those before them as they were", () => {
  expect(planShadows(input)).toEqual(planShadows(input));
  expect(planShadows({ ...input, seed: "another" }).attacked).not.toEqual(planShadows(input).attacked);
  const more = planShadows({ ...input, models: 10 });
  expect(more.models.slice(0, 6)).toEqual(planShadows(input).models.slice(0, 6));
});

test("only candidates are attacked", () => {
  const candidates = Array.from({ length: 30 }, (_, i) => 3 * i + 1);
  const { attacked } = planShadows({ ...input, candidates });
  expect(attacked).toHaveLength(24);
  expect([...attacked].every((position) => candidates.includes(position))).toBe(true);
});

test("sizes that do not fit are refused", () => {
  const bad: Partial<ShadowPlanInput>[] = [
    { models: 5 },
    { models: 2 },
    { targets: 3 },
    { targets: 0 },
    { forgetSize: 0.5 },
    { forgetSize: 17 },
    { candidates: [1, 2, 3] },
    { candidates: Array(24).fill(1) },
    { candidates: Array.from({ length: 24 }, (_, i) => i + 90) },
  ];
  for (const changes of bad) {
    expect(() => planShadows({ ...input, ...changes })).toThrow(
      expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-plan"),
    );
  }
});
