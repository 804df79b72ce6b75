import { join } from "node:path";
import { readWhole } from "../files/read-whole.ts";
import { sampleId } from "../sample-id.ts";
import { readAgNews } from "../text/ag-news.ts";
import { textDataset, type TextDataset, type TextSamples } from "../text/text-dataset.ts";
import { createTokenizer } from "../text/tokenizer.ts";
import { agNewsSmall, fixedPositions } from "./subsets.ts";

/** Ids of words, padding and unknown among them. */
const vocabularySize = 10_000;
const length = 64;

/**
 * A part of `test.csv` of AG News, 1,400 texts of each class to train on and the other 500 to test on, under their ids in the file.
 *
 * @throws LetheError `data/changed` for another file, and what `readAgNews` throws.
 */
export async function openAgNewsSmall(folder: string, part: "train" | "test"): Promise<TextDataset> {
  const source = join(folder, "test.csv");
  const all = await readAgNews({ file: await readWhole(source), name: "ag-news-test", source });
  const train = choice(all, "train");
  const tokenizer = createTokenizer({ texts: train.texts, vocabularySize, length });
  return textDataset(part === "train" ? train : choice(all, part), tokenizer);
}

function choice(all: TextSamples, part: "train" | "test"): TextSamples {
  const { texts, labels, classNames } = all;
  const ids = texts.map((_, position) => sampleId(all.name, position));
  const positions = fixedPositions({ name: all.name, ids, labels: Int32Array.from(labels), classCount: classNames.length }, agNewsSmall[part]);
  return {
    name: agNewsSmall[part].name,
    texts: positions.map((position) => texts[position]),
    labels: positions.map((position) => labels[position]),
    classNames,
    ids: positions.map((position) => ids[position]),
  };
}
