import { createRandom, selectForget, type Dataset } from "@lethe/core";
import { classInWords, classOf } from "../views/class-of.ts";
import type { Selection } from "./selection.ts";

/** @throws LetheError `forget/unknown-class`. */
export function selectClass(given: string, data: Dataset): Selection {
  return ofClass(classOf(data, given, "forget/unknown-class"), data);
}

function ofClass(label: number, data: Dataset): Selection {
  return {
    kind: { class: label },
    // A class of which nothing is left is unknown too.
    positions: selectForget(data, { class: label }, createRandom(0)),
    forgottenClass: label,
    words: `class ${classInWords(data, label)}`,
    counted: "no",
    sibling: () => ({ selection: ofClass((label + 1) % data.classCount, data) }),
  };
}
