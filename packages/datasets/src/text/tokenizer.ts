import { LetheError } from "@lethe/core";
import { vocabularyOf } from "./vocabulary.ts";
import { wordsOf } from "./words.ts";

/** The id that fills up texts shorter than the length. */
export const paddingId = 0;
/** The id of every word that is not in the vocabulary. */
export const unknownId = 1;
const firstWordId = 2;

export interface TokenizerOptions {
  /** The texts to take words from: the training texts and no others, or the vocabulary would tell about the test texts. */
  readonly texts: Iterable<string>;
  /** Number of ids at most, padding and unknown among them: `inputDim` of an embedding layer. */
  readonly vocabularySize: number;
  /** Ids per text: longer texts are cut at their end, shorter ones filled up there with 0. */
  readonly length: number;
}

/** What {@link Tokenizer.toJSON} writes and {@link tokenizerFromJson} reads. */
export interface TokenizerJson {
  readonly format: "lethe/word-tokenizer";
  readonly version: 1;
  readonly length: number;
  /** Words in the order of their ids; the first has id 2. */
  readonly words: readonly string[];
}

export interface Tokenizer {
  readonly length: number;
  /** Words in the order of their ids; the first has id 2. */
  readonly words: readonly string[];
  /** Number of ids in use: words, padding and unknown. */
  readonly vocabularySize: number;
  /** `[length] int32`. */
  encode(text: string): Int32Array;
  toJSON(): TokenizerJson;
}

/**
 * A tokenizer of whole words and numbers in lower case; see {@link wordsOf}. Ids: 0 fills up, 1 stands for every unknown word, and from 2 on come
 * the words of the texts, the most frequent first and equally frequent ones by code units. The same texts give the same ids everywhere.
 *
 * @throws LetheError `data/bad-tokenizer` for a vocabulary of fewer than 3 ids or a length below 1.
 * @example
 * const tokenizer = createTokenizer({ texts: ["the cat", "The dog, the bird"], vocabularySize: 4, length: 5 });
 * tokenizer.words; // ["the", "bird"]
 * tokenizer.encode("A bird and the bird"); // Int32Array [1, 3, 1, 2, 3]
 * tokenizer.encode("The"); // Int32Array [2, 0, 0, 0, 0]
 */
export function createTokenizer({ texts, vocabularySize, length }: TokenizerOptions): Tokenizer {
  if (!Number.isSafeInteger(vocabularySize) || vocabularySize <= firstWordId) {
    throw bad(`A vocabulary of ${vocabularySize} ids has no room for a word beside padding and unknown; give a whole number, 3 or more`);
  }
  return tokenizer(vocabularyOf(texts, vocabularySize - firstWordId), length);
}

/**
 * The tokenizer that {@link Tokenizer.toJSON} wrote, after `JSON.parse`.
 *
 * @throws LetheError `data/bad-tokenizer` for anything else.
 * @example
 * const saved = '{"format":"lethe/word-tokenizer","version":1,"length":3,"words":["the","cat"]}';
 * tokenizerFromJson(JSON.parse(saved)).encode("the fat cat"); // Int32Array [2, 1, 3]
 */
export function tokenizerFromJson(json: unknown): Tokenizer {
  const { format, version, length, words } = (typeof json === "object" && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  if (format !== "lethe/word-tokenizer" || version !== 1) throw bad("This is no tokenizer of version 1; write it with toJSON");
  const distinct = Array.isArray(words) ? new Set<unknown>(words) : undefined;
  if (!Array.isArray(words) || distinct?.size !== words.length || !words.every(isWord)) throw bad("The words of the tokenizer are no list of words");
  return tokenizer(words, length);
}

/** Whether encoding could ever find it. */
function isWord(value: unknown): value is string {
  return typeof value === "string" && wordsOf(value).length === 1 && wordsOf(value)[0] === value;
}

function tokenizer(words: readonly string[], length: unknown): Tokenizer {
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 1) throw bad(`A text of ${String(length)} ids cannot be made`);
  const ids = new Map(words.map((word, position) => [word, position + firstWordId]));
  return {
    length,
    words,
    vocabularySize: words.length + firstWordId,
    encode(text) {
      const encoded = new Int32Array(length).fill(paddingId);
      const known = wordsOf(text);
      for (let i = 0; i < Math.min(length, known.length); i++) encoded[i] = ids.get(known[i]) ?? unknownId;
      return encoded;
    },
    toJSON: () => ({ format: "lethe/word-tokenizer", version: 1, length, words }),
  };
}

function bad(reason: string): LetheError {
  return new LetheError("data/bad-tokenizer", `${reason}.`);
}
