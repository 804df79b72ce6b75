import { describe, expect, it } from "vitest";
import { closest } from "./closest.ts";
import { choice, flag, list, number, requiredText, text } from "./options.ts";
import { parseArguments } from "./parse.ts";

const options = {
  out: text({ help: "where" }),
  epochs: number({ least: 0, whole: "yes", help: "how often" }),
  rate: number({ least: -1, most: 1, whole: "no", help: "how fast" }),
  optimiser: choice({ choices: ["adam", "sgd"], help: "how", aliases: ["optimizer"] }),
  set: list({ help: "options" }),
  json: flag({ help: "machine" }),
  quiet: flag({ help: "less", aliases: ["q"] }),
};
const operands = { run: { help: "the run", required: "yes" } } as const;
const parse = (...words: string[]) => parseArguments(words, options, operands);

describe("parseArguments", () => {
  it("reads options of every kind, in any order", () => {
    expect(parse("--epochs", "3", "runs/a", "--set", "a=1", "--rate=-0.5", "--set=b=2", "-q", "--optimizer", "sgd")).toEqual({
      operands: { run: "runs/a" },
      options: { out: undefined, epochs: 3, rate: -0.5, optimiser: "sgd", set: ["a=1", "b=2"], json: false, quiet: true },
    });
  });

  it("takes a negative number for a value and what follows -- for words", () => {
    expect(parse("--rate", "-1", "--", "--odd-name")).toMatchObject({ options: { rate: -1 }, operands: { run: "--odd-name" } });
  });

  it.each([
    [["x", "--epoch", "3"], "cli/unknown-option", /did you mean --epochs\?$/],
    [["x", "--nonsense"], "cli/unknown-option", /see --help/],
    [["x", "--no-json"], "cli/unknown-option", /--no-json/],
    [["x", "--epochs"], "cli/missing-value", /--epochs N/],
    [["x", "--out", "--json"], "cli/missing-value", /--out/],
    [["x", "--json=yes"], "cli/unexpected-value", /takes no value/],
    [["x", "--epochs", "2.5"], "cli/bad-value", /whole number, 0 or more/],
    [["x", "--epochs", ""], "cli/bad-value", /not ""/],
    [["x", "--rate", "2"], "cli/bad-value", /from -1 to 1/],
    [["x", "--optimiser", "lion"], "cli/bad-value", /adam, sgd/],
    [["x", "--out", "a", "--out", "b"], "cli/repeated-option", /twice/],
    [[], "cli/missing-operand", /RUN/],
    [["x", "y"], "cli/unexpected-operand", /"y" is one word too many/],
  ])("refuses %j", (words, code, message) => {
    expect(() => parse(...words)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as unknown }));
  });

  it("asks for an option that cannot be left out", () => {
    expect(() => parseArguments([], { method: requiredText({ help: "which" }) }, {})).toThrow(
      expect.objectContaining({ code: "cli/missing-option" }),
    );
  });
});

describe("closest", () => {
  it("finds a misspelling and nothing far-fetched", () => {
    expect(closest("eppochs", ["epochs", "seed"])).toBe("epochs");
    expect(closest("sede", ["epochs", "seed"])).toBe("seed");
    expect(closest("x", ["a", "b"])).toBeUndefined();
    expect(closest("workers", ["epochs", "seed"])).toBeUndefined();
  });
});
