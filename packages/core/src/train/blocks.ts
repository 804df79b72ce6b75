import { createRandom, type Random } from "../random/index.ts";
import type { BatchOrder } from "./batch-order.ts";
import type { BlockOrderOptions, Recipe } from "./recipe.ts";

/**
 * The block of a sample, from 0: floor(B u), u a hash of the recipe's seed and the sample's id, uniform in [0, 1).
 *
 * It does not depend on which other samples there are, so that training by the same recipe on less data leaves every remaining sample in its block.
 * The price: blocks have about n / B samples, not exactly (binomially many), and are not stratified by class as blocks dealt out at once could be.
 *
 * @example
 * blockOf({ seed: 5, order: { kind: "blocks", blocks: 10 } }, "a7"); // 7
 */
export function blockOf({ seed, order }: BlockwiseRecipe, id: string): number {
  return blockDrawn(createRandom(seed), order.blocks, id);
}

/** Of a recipe, what decides the blocks. */
export interface BlockwiseRecipe extends Pick<Recipe, "seed"> {
  readonly order: BlockOrderOptions;
}

function blockDrawn(random: Random, blocks: number, id: string): number {
  return Math.floor(blocks * random.split("block", id).uniform());
}

/**
 * Block after block. Within one, every epoch has its own order, by a hash of seed, block, epoch and id: which batches a block is made of depends on
 * the ids in it alone, and the removal of one sample closes the ranks of its own block (later samples of that epoch move up).
 */
export function blockOrder(ids: readonly string[], { blocks }: BlockOrderOptions, epochs: number, random: Random): BatchOrder {
  const members: number[][] = Array.from({ length: blocks }, () => []);
  ids.forEach((id, position) => members[blockDrawn(random, blocks, id)].push(position));
  return {
    parts: members.map((own, block) => ({
      epochs,
      size: own.length,
      since: 0,
      block,
      ends: ["block"],
      positions(epoch) {
        const order = random.split("order", block, epoch);
        const drawn = own.map((position) => ({ position, id: ids[position], key: order.split(ids[position]).uniform() }));
        return Uint32Array.from(drawn.toSorted((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1)).map(({ position }) => position));
      },
      names: (epoch) => [block, epoch],
    })),
    time: (epoch, fraction) => (epoch + fraction) / blocks,
  };
}
