import { LetheError, type Dataset } from "@lethe/core";
import { selectClass } from "./select-class.ts";
import { selectPoisoned } from "./select-ids.ts";
import { selectGroup, selectSubclass, selectWhere } from "./select-where.ts";
import type { Selection } from "./selection.ts";

/** One way of naming the samples to forget. */
export interface SelectionKind {
  /** What stands before the `=`, or alone. */
  readonly name: string;
  /** How it is written. */
  readonly written: string;
  /** What it means; begins with a small letter. */
  readonly about: string;
  /** @param value what stands after the `=`; undefined where there is none. */
  select(value: string | undefined, data: Dataset): Selection;
}

/** Every way but `random` and files, which the grammar knows itself. To add one, write a function that selects and list it here. */
export const selectionKinds: readonly SelectionKind[] = [
  withValue("class", "class=3 or class=Trouser", "every sample of a class", selectClass),
  withValue("subclass", "subclass=rocket", "every sample of one fine class, where the classes that are learnt are coarse", selectSubclass),
  withValue("group", "group=person:17", "every sample with this value in a column of the data", selectGroup),
  withValue("where", "where=age>=30,town=Bonn", "every sample for which all conditions on columns hold (= != < <= > >=)", selectWhere),
  {
    name: "poisoned",
    written: "poisoned",
    about: "every poisoned sample, where the data was given a poison",
    select(value, data) {
      if (value === undefined) return selectPoisoned(data);
      throw new LetheError("forget/not-understood", `poisoned takes no value; leave out =${value}.`, { given: value });
    },
  },
];

function withValue(name: string, written: string, about: string, select: (value: string, data: Dataset) => Selection): SelectionKind {
  return {
    name,
    written,
    about,
    select(value, data) {
      if (value !== undefined && value !== "") return select(value, data);
      throw new LetheError("forget/not-understood", `${name} needs a value; write ${written}.`, { given: name });
    },
  };
}
