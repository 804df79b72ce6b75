import { stripColumns } from "./eigh-simd-rotations.ts";

/**
 * The inner loops of the dense eigensolvers. Every argument that names numbers is an index into one heap of float64 numbers, and every stride is the distance
 * between rows, in numbers.
 */
export interface Kernels {
  /**
   * `C += A B`: A `[rows, depth]`, C `[rows, 4 panels]`, and B packed in panels of four columns, `b[panel][k][column]`. Where C is narrower than its panels, B
   * holds zeros there: the numbers beside C are then rewritten as they are.
   */
  product(a: number, aStride: number, b: number, c: number, cStride: number, rows: number, panels: number, depth: number): void;
  /** `y += A x`, A symmetric with its upper triangle at `a`; the three numbers after each of its rows are zeros. */
  triangle(a: number, stride: number, x: number, y: number, dimension: number): void;
  /** `short = M long`, M `[rows, columns]`. */
  dots(matrix: number, stride: number, short: number, long: number, rows: number, columns: number): void;
  /** `long += M^T short`, M `[rows, columns]`. */
  combine(matrix: number, stride: number, short: number, long: number, rows: number, columns: number): void;
  /**
   * `count` plane rotations in their order on a strip whose rows of {@link stripColumns} numbers follow each other. Four numbers of the list are one rotation: eight times
   * the places of rows u and v in the strip, cosine and sine; `(u, v)` becomes `(cosine u + sine v, cosine v - sine u)`.
   */
  rotate(list: number, strip: number, count: number): void;
}

/** The same in plain JavaScript, for engines without SIMD and as what the SIMD loops are tested against. */
export function plainKernels(heap: Float64Array): Kernels {
  return {
    product(a, aStride, b, c, cStride, rows, panels, depth) {
      for (let i = 0; i < rows; i++) {
        for (let panel = 0; panel < panels; panel++) {
          let [s0, s1, s2, s3] = [0, 0, 0, 0];
          let atB = b + panel * depth * 4;
          for (let k = 0; k < depth; k++, atB += 4) {
            const factor = heap[a + i * aStride + k];
            s0 += factor * heap[atB];
            s1 += factor * heap[atB + 1];
            s2 += factor * heap[atB + 2];
            s3 += factor * heap[atB + 3];
          }
          const atC = c + i * cStride + panel * 4;
          heap[atC] += s0;
          heap[atC + 1] += s1;
          heap[atC + 2] += s2;
          heap[atC + 3] += s3;
        }
      }
    },
    triangle(a, stride, x, y, dimension) {
      for (let i = 0; i < dimension; i++) {
        const row = a + i * stride;
        const factor = heap[x + i];
        let sum = heap[row + i] * factor;
        for (let j = i + 1; j < dimension; j++) {
          sum += heap[row + j] * heap[x + j];
          heap[y + j] += heap[row + j] * factor;
        }
        heap[y + i] += sum;
      }
    },
    dots(matrix, stride, short, long, rows, columns) {
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += heap[matrix + i * stride + j] * heap[long + j];
        heap[short + i] = sum;
      }
    },
    combine(matrix, stride, short, long, rows, columns) {
      for (let i = 0; i < rows; i++) {
        const factor = heap[short + i];
        for (let j = 0; j < columns; j++) heap[long + j] += factor * heap[matrix + i * stride + j];
      }
    },
    rotate(list, strip, count) {
      for (let at = list; at < list + 4 * count; at += 4) {
        const [u, v] = [strip + heap[at] / 8, strip + heap[at + 1] / 8];
        const [cosine, sine] = [heap[at + 2], heap[at + 3]];
        for (let k = 0; k < stripColumns; k++) {
          const [x, y] = [heap[u + k], heap[v + k]];
          heap[u + k] = cosine * x + sine * y;
          heap[v + k] = cosine * y - sine * x;
        }
      }
    },
  };
}
