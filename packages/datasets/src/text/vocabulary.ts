import { wordsOf } from "./words.ts";

/** The `most` most frequent words, the most frequent first, equally frequent ones by code units. */
export function vocabularyOf(texts: Iterable<string>, most: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ordered = [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return ordered.slice(0, most).map(([word]) => word);
}
