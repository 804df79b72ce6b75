/** sum of factor * vector, fresh. */
export function combination(terms: readonly (readonly [factor: number, vector: Float64Array])[]): Float64Array {
  const sum = new Float64Array(terms[0][1].length);
  for (const [factor, vector] of terms) for (let i = 0; i < sum.length; i++) sum[i] += factor * vector[i];
  return sum;
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}

export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

export function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

export function isFiniteVector(vector: Float64Array): boolean {
  return vector.every(Number.isFinite);
}
