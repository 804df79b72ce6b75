import { createRequire } from "node:module";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { dataSource, loadData } from "../source.ts";
import { kindsInShort, sourceKinds } from "./kinds.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-sources-"));
});
afterEach(() => void vi.unstubAllEnvs());

const code = (expected: string) => expect.objectContaining({ code: expected });
const load = (train: string, test?: string) => loadData(dataSource(train, test, folder));

async function write(name: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

/** A grey PNG of one pixel, 2 x 2 where asked for; made by hand, for this package has no encoder. */
const png = (grey: number, side: 1 | 2 = 1): Buffer => {
  const { deflateSync, crc32 } = createRequire(import.meta.url)("node:zlib") as typeof import("node:zlib");
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 0, 0, 0, 0]);
  const rows = Buffer.concat(Array.from({ length: side }, () => Buffer.from([0, ...Array<number>(side).fill(grey)])));
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
};

describe("tables", () => {
  it("keep what is named as metadata for choosing samples by, and do not learn from it", async () => {
    await write("towns.csv", "a,town,person,code,kind\n1,Bonn,7,01,yes\n3,Ulm,8,2,no\n5,,,,no\n");
    const { train } = await load("csv:towns.csv,label=kind,metadata=town+person+code");
    expect(train.inputShape).toEqual([1]);
    expect(train.columns).toEqual({ town: ["Bonn", "Ulm", null], person: [7, 8, null], code: ["01", "2", null] });
  });

  it("are read by name of column, and a test table takes the classes of the training table", async () => {
    await write("people.csv", "a,kind,b\n1,yes,2\n3,no,4\n5,maybe,6\n");
    await write("more.csv.gz", gzipSync("a,kind,b\n7,yes,8\n"));
    const { source, train, test } = await load("csv:people.csv,label=kind", "csv:more.csv.gz,label=kind");
    expect(source.train).toBe(`csv:${join(folder, "people.csv")},label=kind`);
    expect(train).toMatchObject({ classNames: ["maybe", "no", "yes"], inputShape: [2], ids: ["train-people-000000", "train-people-000001", "train-people-000002"] });
    expect(test).toMatchObject({ classNames: ["maybe", "no", "yes"], ids: ["test-more-000000"] });
    expect([...test!.labels]).toEqual([2]);
    await write("other.csv", "a,kind,b\n7,never,8\n");
    await expect(load("csv:people.csv,label=kind", "csv:other.csv,label=kind")).rejects.toThrow(/never/);
  });

  it("have shapes, no headers, and other forms", async () => {
    await write("pixels.csv", "1,0,1,2,3\n0,4,5,6,7\n");
    expect((await load("csv:pixels.csv,header=none,shape=2x2x1")).train).toMatchObject({ inputShape: [2, 2, 1], labels: Int32Array.of(1, 0) });
    await write("lines.jsonl", '{"x":[1,2],"label":"b"}\n{"x":[3,4],"label":"a"}\n');
    expect((await load("jsonl:lines.jsonl,features=x")).train).toMatchObject({ classNames: ["a", "b"], labels: Int32Array.of(1, 0) });
    await expect(load("parquet:lines.jsonl")).rejects.toThrow(/lines\.jsonl/);
    await expect(load("npz:lines.jsonl")).rejects.toThrow(/lines\.jsonl/);
    await expect(load("csv:absent.csv")).rejects.toThrow(code("file/not-found"));
  });
});

describe("texts", () => {
  it("are ids of words, which test texts share", async () => {
    await write("mails.csv", "from,subject,body,kind\nann,Oil,oil again,news\nbob,Goal,the goal,sport\n");
    await write("more.csv", "from,subject,body,kind\neve,goal,unseen,sport\n");
    const choice = "label=kind,text=subject+body,metadata=from";
    const { source, train, test } = await load(`text:mails.csv,vocabulary=5,length=3,${choice}`, `text:more.csv,${choice}`);
    expect(source.train).toBe(`text:${join(folder, "mails.csv")},label=kind,text=subject+body,metadata=from,vocabulary=5,length=3`);
    expect(train).toMatchObject({ vocabulary: 5, inputShape: [3], classNames: ["news", "sport"], columns: { from: ["ann", "bob"] } });
    expect((await train.read([0, 1])).inputs.values).toEqual(Int32Array.of(3, 3, 4, 2, 1, 2));
    expect([test!.vocabulary, [...test!.labels], (await test!.read([0])).inputs.values]).toEqual([5, [1], Int32Array.of(2, 1, 0)]);
    expect((await load(`text:mails.csv,${choice}`)).train).toMatchObject({ vocabulary: 6, inputShape: [64] });
  });

  it("keep their vocabulary under coarser classes", async () => {
    await write("mails.csv", "text,label\noil,a\ngoal,b\n");
    const { train } = await loadData({ ...dataSource("text:mails.csv", undefined, folder), classes: { any: ["a", "b"] } });
    expect([train.vocabulary, train.classCount]).toEqual([4, 1]);
  });

  it("are compared with texts only, by the words of the training data", async () => {
    await write("mails.csv", "text,label\noil,a\ngoal,b\n");
    await expect(load("text:mails.csv", "text:mails.csv,vocabulary=9")).rejects.toThrow(/leave out vocabulary and length/);
    await expect(load("digits", "text:mails.csv")).rejects.toThrow(/texts, and the training data .* are not/);
    await write("numbers.csv", "a,label\n1,a\n2,b\n");
    await expect(load("text:mails.csv,length=1", "csv:numbers.csv")).rejects.toThrow(code("data/other-words"));
  });
});

describe("folders of images", () => {
  it("hold both parts, or one", async () => {
    await write("both/train/cat/1.png", png(10));
    await write("both/train/dog/1.png", png(20));
    await write("both/test/dog/1.png", png(30, 2));
    const { train, test, source } = await load("images:both");
    expect(source).toEqual({ train: `images:${join(folder, "both")}` });
    expect(train).toMatchObject({ inputShape: [1, 1, 3], ids: ["cat/1.png", "dog/1.png"] });
    expect([...test!.labels]).toEqual([1]);
    expect((await test!.read([0])).inputs).toMatchObject({ shape: [1, 1, 1, 3], values: Float32Array.of(30 / 255, 30 / 255, 30 / 255) });
    const one = await load("images:both/train,size=2x3,mode=grey,decoder=jpeg-js");
    expect([one.train.inputShape, one.test]).toEqual([[2, 3, 1], undefined]);
  });

  it("say by what their JPEG files were decoded, so that the same is used again", async () => {
    await write("photos/a/1.png", png(10));
    await write("photos/a/2.jpg", "no picture yet");
    const { source } = await load("images:photos,size=1");
    expect(source.train).toMatch(/photos,size=1,decoder=(sharp|jpeg-js)$/);
    expect((await loadData(source)).source).toEqual(source);
  });

  it.each(["images:x,size=big", "images:x,mode=blue", "images:x,decoder=eye", "images:x,sise=3", "images:", "csv:x,label=", "csv:x,header=some", "csv:x,shape=2xb", "text:x,length=0", "text:x,vocabulary=many", "text:x,header=some", "npy:one"])(
    "and other words are refused where they are not understood: %s",
    async (words) => {
      await write("x", "");
      await expect((async () => load(words))()).rejects.toThrow(code("data/unknown-source"));
    },
  );
});

describe("names", () => {
  it("of fetched data say how to get them", async () => {
    vi.stubEnv("LETHE_DATA", folder);
    await expect(load("cifar10")).rejects.toThrow(`cifar10 is not in ${folder}; get it by: lethe data get cifar10`);
  });

  it("that nobody knows are answered with all that are known", async () => {
    await expect(load("minst")).rejects.toThrow(/digits, fashion-sample, mnist, .*images:FOLDER/);
    expect(kindsInShort()).toContain("csv:FILE");
    expect(new Set(sourceKinds.map(({ prefix }) => prefix)).size).toBe(sourceKinds.length);
  });

  it("keep commas that belong to a path", () => {
    expect(dataSource("csv:a,b.csv,label=x", undefined, "/w").train).toBe("csv:/w/a,b.csv,label=x");
    expect(dataSource("digits", undefined, "/w").train).toBe("digits");
  });
});
