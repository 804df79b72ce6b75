import { arrayDataset, createRandom, isLetheError, selectForget, subset } from "@lethe/core";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { labelNoise } from "../poison/label-noise.ts";
import { mergeClasses } from "../views/merge-classes.ts";
import { parseConditions } from "./conditions.ts";
import { forgetSet } from "./forget-set.ts";
import { parseForget } from "./grammar.ts";
import { readIdList } from "./id-list.ts";
import { selectionKinds } from "./kinds.ts";

const size = 40;
const data = arrayDataset({
  name: "people",
  inputs: new Float32Array(size),
  inputShape: [1],
  labels: Array.from({ length: size }, (_, i) => i % 4),
  classNames: ["Shirt", "Trouser", "T-shirt/top", "Coat"],
  columns: {
    person: Array.from({ length: size }, (_, i) => Math.floor(i / 8)),
    town: Array.from({ length: size }, (_, i) => (i % 5 === 0 ? null : i % 2 === 0 ? "Bonn" : "Rome, old")),
    date: Array.from({ length: size }, (_, i) => `2024-0${1 + (i % 9)}-15`),
    mixed: Array.from({ length: size }, (_, i) => (i < 20 ? i : "old")),
  },
});

const set = (words: string, of = data, ids: readonly string[] = []) => forgetSet(parseForget(words), of, ids);
const idsWhere = (holds: (i: number) => boolean) => data.ids.filter((_, i) => holds(i));
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("one grammar names", () => {
  it("a class by number or name", () => {
    expect(set("class=1").ids(0)).toEqual(idsWhere((i) => i % 4 === 1));
    expect(set("class=t-shirt/TOP")).toMatchObject({ kind: { class: 2 }, forgottenClass: 2, words: "class 2 (T-shirt/top)" });
  });

  it("random samples, the same as the core draws, or a share of all", () => {
    expect(set("random=6").ids(7)).toEqual(Array.from(selectForget(data, { random: 6 }, createRandom(7)), (at) => data.ids[at]));
    expect(set("random=6").ids(8)).not.toEqual(set("random=6").ids(7));
    expect(set("random=5%")).toMatchObject({ kind: { random: 2 }, forgottenClass: null, words: "2 samples" });
    expect(set("random=100%").ids(0)).toEqual(data.ids);
  });

  it("random samples of whatever else it names", () => {
    const drawn = set("class=Trouser,random=3");
    expect(drawn).toMatchObject({ kind: { random: 3, of: { class: 1 } }, forgottenClass: null, words: "3 of 10 samples of class 1 (Trouser)" });
    const ids = drawn.ids(1);
    expect(ids).toHaveLength(3);
    expect(ids.every((id) => Number(id) % 4 === 1)).toBe(true);
    expect(drawn.ids(2)).not.toEqual(ids);
    expect(set("group=person:2,random=50%")).toMatchObject({
      kind: { random: 4, of: { where: "person = 2" } },
      words: "4 of 8 samples where person = 2",
    });
  });

  it("a group", () => {
    const person = set("group=person:3");
    expect(person.ids(0)).toEqual(idsWhere((i) => Math.floor(i / 8) === 3));
    expect(person).toMatchObject({ kind: { where: "person = 3" }, forgottenClass: null, words: "8 samples where person = 3" });
  });

  it.each<[string, (i: number) => boolean]>([
    ["person!=3", (i) => Math.floor(i / 8) !== 3],
    ["person>=1, person<3", (i) => i >= 8 && i < 24],
    ["person<=0.5", (i) => i < 8],
    ['town="Rome, old"', (i) => i % 5 !== 0 && i % 2 === 1],
    ["town!=Bonn", (i) => i % 5 !== 0 && i % 2 === 1],
    ["date<2024-03,person>3", (i) => i % 9 < 2 && i >= 32],
    ["mixed>17", (i) => i === 18 || i === 19 || i >= 20],
    ["mixed!=old", (i) => i < 20],
    ['"person">3', (i) => i >= 32],
  ])("samples where %s", (condition, holds) => {
    expect(set(`where=${condition}`).ids(0)).toEqual(idsWhere(holds));
  });

  it("a sub-class, of merged classes or of a column that the data has", () => {
    const merged = mergeClasses(data, { tops: ["Shirt", "t-shirt/top", 3], trousers: ["Trouser"] });
    expect(set("subclass=coat", merged)).toMatchObject({
      kind: { where: "class = Coat" },
      words: "10 samples of the sub-class Coat",
      forgottenClass: null,
    });
    expect(set("subclass=coat", merged).ids(0)).toEqual(idsWhere((i) => i % 4 === 3));
    const fine = { ...data, columns: { fine: data.ids.map((_, i) => (i < 4 ? "rocket" : "car")) } };
    expect(set("subclass=rocket", fine).ids(0)).toEqual(["0", "1", "2", "3"]);
    expect(() => set("subclass=rocket")).toThrow(code("forget/unknown-column"));
  });

  it("poisoned samples, all or those that are known", () => {
    const poisoned = labelNoise(data, { count: 6 });
    expect(set("poisoned", poisoned.data)).toMatchObject({ kind: { poisoned: 6 }, words: "6 poisoned samples" });
    expect(set("poisoned", poisoned.data).ids(0)).toEqual(poisoned.poisonedIds);
    const known = set("poisoned,random=2", poisoned.data);
    expect(known).toMatchObject({ kind: { random: 2, of: { poisoned: 6 } }, words: "2 of 6 poisoned samples" });
    expect(poisoned.poisonedIds).toEqual(expect.arrayContaining([...known.ids(0)]));
    expect(() => set("poisoned")).toThrow(code("forget/not-poisoned"));
  });

  it("the ids of a file", () => {
    expect(set("gone.txt", data, ["3", "1"])).toMatchObject({ kind: { ids: 2 }, words: "2 samples" });
    expect(set("gone.txt", data, ["3", "1"]).ids(0)).toEqual(["1", "3"]);
    expect(() => set("gone.csv", data, ["x"])).toThrow(code("forget/unknown-id"));
    expect(set("gone.csv,random=1", data, ["3", "1"])).toMatchObject({ kind: { random: 1, of: { ids: 2 } } });
  });
});

describe("its siblings", () => {
  it.each([
    ["class=3", { class: 0 }],
    ["class=3,random=2", { random: 2, of: { class: 0 } }],
    ["group=person:4", { where: "person = 0" }],
    ["group=person:1,random=8", { random: 8, of: { where: "person = 2" } }],
    ["where=person<2", { random: 16 }],
    ["random=7", { random: 7 }],
  ])("of %s are others of its kind", (words, kind) => {
    const sibling = set(words).sibling();
    expect(sibling.kind).toEqual(kind);
    if (!words.startsWith("random")) expect(sibling.ids(0).filter((id) => set(words).ids(0).includes(id))).toEqual([]);
  });
});

describe("an error", () => {
  it.each([
    ["everything", "forget/not-understood", "class=3 or class=Trouser"],
    ["class", "forget/not-understood", "class=3"],
    ["class=", "forget/not-understood", "class=3"],
    ["poisoned=3", "forget/not-understood", "poisoned"],
    ["random=3,random=2", "forget/not-understood", "random=3,random=2"],
    ["class=Hat", "forget/unknown-class", "0 Shirt, 1 Trouser"],
    ["class=4", "forget/unknown-class", "0 Shirt"],
    ["random=0", "forget/bad-count", "random=0"],
    ["random=1.5", "forget/bad-count", "1.5"],
    ["random=101%", "forget/bad-count", "101%"],
    ["random=1%", "forget/bad-count", "1% of 40 samples"],
    ["random=41", "forget/bad-count", "41 of 40"],
    ["class=1,random=11", "forget/bad-count", "11 of 10"],
    ["where=age>3", "forget/unknown-column", "person, town, date, mixed"],
    ["where=toString=3", "forget/unknown-column", "no column toString"],
    ["where=person=seventeen", "forget/bad-condition", "0, 1, 2, 3, 4"],
    ["where=person=17", "forget/no-match", "its values are 0, 1, 2, 3, 4"],
    ["where=person", "forget/bad-condition", "COLUMN=VALUE"],
    ["where=person=1,", "forget/bad-condition", "after the last comma"],
    ["where=person==1", "forget/bad-condition", "person==1"],
    ["group=person", "forget/bad-condition", "group=COLUMN:VALUE"],
    ["group=person:17", "forget/no-match", "person = 17"],
  ])("of %s says what there is", (words, expected, hint) => {
    try {
      set(words);
      expect.unreachable();
    } catch (error) {
      expect(isLetheError(error) && error.code).toBe(expected);
      expect((error as Error).message).toContain(hint);
    }
  });

  it("of data without columns says so", () => {
    const { columns: _, ...bare } = data;
    expect(() => set("where=age=3", bare)).toThrow(/it has none/);
  });
});

test("whatever is written, it is understood or refused with a code, and the words of a condition mean the same again", () => {
  const piece = fc.constantFrom("person", "town", "=", "!=", "<", ">=", ",", '"', " ", "1", "Bonn", "random=", "where=", "class=", "%", ":");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((all) => all.join("")),
      ),
      (words) => {
        try {
          expect(set(words).ids(0).length).toBeGreaterThan(0);
        } catch (error) {
          expect(isLetheError(error) && error.code.startsWith("forget/")).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
  const word = fc.stringMatching(/^[a-z][a-z ]{0,8}[a-z]$/);
  const condition = fc.record({
    column: word,
    operator: fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
    value: fc.string().filter((text) => !text.includes('"')),
  });
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (conditions) => {
      const text = conditions.map(({ column, operator, value }) => `${column}${operator}"${value}"`).join(", ");
      expect(parseConditions(text)).toEqual(conditions);
    }),
  );
});

test("kinds are known by one name each, and show how they are written", () => {
  expect(new Set(selectionKinds.map(({ name }) => name)).size).toBe(selectionKinds.length);
  for (const { name, written } of selectionKinds) expect(parseForget(written.split(" or ")[0])).toMatchObject({ what: "kind", kind: { name } });
});

test("the samples are those of the data that is left", () => {
  expect(set("class=1", subset(data, [1, 5, 6])).ids(0)).toEqual(["1", "5"]);
});

describe("a file of ids", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it.each([
    ["a.json", '["a", "b"]', ["a", "b"]],
    ["a.txt", "\uFEFFa\r\n\n b, c \n", ["a", "b, c"]],
    ["a.CSV", 'ID,why\na,left\n"say ""b"", c",x\n\n', ["a", 'say "b", c']],
    ["a.csv", "a\nid\n", ["a", "id"]],
  ])("%s is read", (path, text, ids) => {
    expect(readIdList(bytes(text), path)).toEqual(ids);
  });

  it.each([
    ["a.json", "[]"],
    ["a.json", "[1]"],
    ["a.json", '["a"'],
    ["a.txt", " \n\n"],
    ["a.csv", "id,why\n"],
  ])("%s with %j is refused by its name", (path, text) => {
    expect(() => readIdList(bytes(text), path)).toThrow(expect.objectContaining({ code: "forget/bad-file", details: { path } }));
  });

  it("that is no text is refused", () => {
    expect(() => readIdList(Uint8Array.of(0xff, 0xfe, 0x41), "a.txt")).toThrow(code("forget/bad-file"));
  });
});
