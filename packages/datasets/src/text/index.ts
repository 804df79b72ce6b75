/**
 * Texts: labelled texts, a plain tokenizer of words whose vocabulary comes from the training texts, and data sets of ids for networks that begin
 * with an embedding layer.
 */
export { agNewsDataset, readAgNews, type AgNews, type AgNewsFile, type AgNewsInput } from "./ag-news.ts";
export { readTextCsv, type TextCsvInput } from "./text-csv.ts";
export { isTextDataset, textDataset, type TextDataset, type TextSamples } from "./text-dataset.ts";
export { createTokenizer, paddingId, tokenizerFromJson, unknownId, type Tokenizer, type TokenizerJson, type TokenizerOptions } from "./tokenizer.ts";
export { wordsOf } from "./words.ts";
