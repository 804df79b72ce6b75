import { pairsAlong, type Axis, type Segment } from "./axis.ts";

/** The windows of a convolution over images `[height, width, channels]`. A dense layer is one of 1 x 1 over an image with a row of positions. */
export interface Windows {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly channels: number;
}

/** sum over the places q of `rows` x `columns` of x[q] x[q + shift]^T, a `[channels, channels]` matrix that several pairs of taps share. */
export interface Product {
  readonly rows: Segment;
  readonly columns: Segment;
}

/** Block (i, j) of the second moment, for taps i <= j in row-major order: the sum of these products. */
export interface Block {
  readonly i: number;
  readonly j: number;
  readonly products: readonly number[];
}

export interface Plan {
  readonly products: readonly Product[];
  readonly blocks: readonly Block[];
}

/**
 * The second moment of windows by shared products. Blocks (i, j) and (i', j') sum x[q] x[q + j - i]^T over nearly the same places q where j - i = j' - i', so
 * that a 3 x 3 kernel has 45 blocks (and their transposes) but 13 distances. Places that some pairs have and others lack, at the borders, are products of
 * their own, so that nothing is ever subtracted and nothing summed twice: 29 products over 13 times the image's places, and zeros are never multiplied.
 */
export function planProducts({ rows, columns }: Windows): Plan {
  const [down, across] = [pairsAlong(rows), pairsAlong(columns)];
  const products: Product[] = [];
  const known = new Map<string, number>();
  const productOf = (row: number, column: number): number => {
    const key = `${row},${column}`;
    const found = known.get(key) ?? products.push({ rows: down.segments[row], columns: across.segments[column] }) - 1;
    known.set(key, found);
    return found;
  };
  const blocks: Block[] = [];
  const taps = rows.taps * columns.taps;
  for (let i = 0; i < taps; i++) {
    for (let j = i; j < taps; j++) {
      const inRows = down.between[Math.floor(i / columns.taps)][Math.floor(j / columns.taps)];
      const inColumns = across.between[i % columns.taps][j % columns.taps];
      blocks.push({ i, j, products: inRows.flatMap((row) => inColumns.map((column) => productOf(row, column))) });
    }
  }
  return { products, blocks };
}

/** Runs of places at equal distance, the same number in each: place `first[r] + step * m` for `0 <= m < length`, with q + shift at `place + shift`. */
export interface Runs {
  readonly firsts: readonly number[];
  readonly length: number;
  readonly step: number;
  readonly shift: number;
}

/** The places of a product in one image, along its longer side. Places are numbered row by row. */
export function runsOf({ rows, columns }: Product, width: number): Runs {
  const down = { start: rows.start * width, step: rows.step * width, count: rows.count };
  const [run, others] = rows.count > columns.count ? [down, columns] : [columns, down];
  return {
    firsts: Array.from({ length: others.count }, (_, m) => run.start + others.start + m * others.step),
    length: run.count,
    step: run.step,
    shift: rows.shift * width + columns.shift,
  };
}
