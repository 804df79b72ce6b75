const wordsAndNumbers = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * The words and numbers of a text: runs of letters, digits and marks in the sense of Unicode, in lower case and in composed form (NFC), so that
 * an accent typed on its own makes the same word. Lower case is that of Unicode, the same in every locale.
 *
 * @example
 * wordsOf("Zoë's 3rd e-mail: ÜBER!"); // ["zoë", "s", "3rd", "e", "mail", "über"]
 */
export function wordsOf(text: string): readonly string[] {
  return text.normalize("NFC").toLowerCase().match(wordsAndNumbers) ?? [];
}
