/** The id of a sample: where it comes from and its position there, padded so that ids sort by position. */
export function sampleId(origin: string, position: number): string {
  return `${origin}-${String(position).padStart(6, "0")}`;
}
