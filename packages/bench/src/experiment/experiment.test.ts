import { isLetheError } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { readExperiment } from "./experiment.ts";

const least = `
name: small
seeds: 2
problems: { digits: { data: digits } }
scenarios: { class: { forget: class=1 } }
methods: { ssd: }
`;

const read = (source: string) => readExperiment(source, "small.yaml");

function refusal(source: string): unknown {
  try {
    return read(source);
  } catch (error) {
    if (!isLetheError(error)) throw error;
    return { code: error.code, message: error.message, field: error.details["field"], line: error.details["line"] };
  }
}

/** The least experiment with other content in one field. */
const withField = (field: string, content: string) => least.replace(new RegExp(`^${field}:.*$`, "m"), `${field}: ${content}`);
const audit = "{ problem: digits, models: 4, targets: 2, forgetSets: 1, forgetSize: 5 }";

test("every default is written out", () => {
  expect(read(`${least}audits: { attack: ${audit} }`)).toEqual({
    name: "small",
    about: undefined,
    seeds: [0, 1],
    oracles: 5,
    trials: 10,
    problems: [{ name: "digits", data: "digits", test: undefined, model: undefined, recipe: {}, seeds: [0, 1], oracles: 5 }],
    scenarios: [{ name: "class", forget: "class=1", earlier: [], sequence: undefined, problems: ["digits"] }],
    methods: [{ name: "ssd", method: "ssd", options: {}, search: "none", problems: ["digits"], scenarios: ["class"] }],
    metrics: undefined,
    audits: [
      {
        name: "attack",
        attacks: ["u-lira"],
        problem: "digits",
        methods: ["ssd"],
        pool: undefined,
        models: 4,
        targets: 2,
        forgetSets: 1,
        forgetSize: 5,
        class: undefined,
        population: 1000,
      },
    ],
    source: `${least}audits: { attack: ${audit} }`,
  });
});

test("a list of requests becomes a scenario for each, and the list's name stands for all of them", () => {
  const source = `
name: small
seeds: 2
problems: { digits: { data: digits } }
scenarios: { classes: { forget: [class=1, class=4] }, draw: { forget: random=5 } }
methods: { ssd: { scenarios: [classes] }, finetune: }
`;
  const { scenarios, methods } = read(source);
  expect(scenarios).toEqual([
    { name: "classes.1", forget: "class=1", earlier: [], sequence: { name: "classes", request: 1, of: 2 }, problems: ["digits"] },
    { name: "classes.2", forget: "class=4", earlier: ["class=1"], sequence: { name: "classes", request: 2, of: 2 }, problems: ["digits"] },
    { name: "draw", forget: "random=5", earlier: [], sequence: undefined, problems: ["digits"] },
  ]);
  expect(methods.map((method) => method.scenarios)).toEqual([
    ["classes.1", "classes.2"],
    ["classes.1", "classes.2", "draw"],
  ]);
  expect(() => read(source.replace("draw:", "classes.2:"))).toThrow(/classes\.2: the name is that of a request in a list/);
  expect(() => read(source.replace("[classes]", "[classes.1]"))).toThrow(/there is no classes\.1; there are classes, draw/);
});

test("a problem may have seeds and oracles of its own", () => {
  const { seeds, oracles, problems } = read(
    least.replace("data: digits }", "data: digits }, slow: { data: digits, seeds: 1, oracles: 2 }, other: { data: digits, seeds: [7] }"),
  );
  expect([seeds, oracles]).toEqual([[0, 1], 5]);
  expect(problems.map((problem) => [problem.name, problem.seeds, problem.oracles])).toEqual([
    ["digits", [0, 1], 5],
    ["slow", [0], 2],
    ["other", [7], 5],
  ]);
  expect(() => read(least.replace("data: digits }", "data: digits, seeds: [3, 3] }"))).toThrow(/problems\.digits\.seeds: each may stand there once/);
});

test("what is given is taken as it is, in its order", () => {
  const source = `
name: a.b-2
about: why
seeds: [7, 3]
oracles: 2
trials: 4
problems:
  z: { data: digits, model: mlp, recipe: { epochs: 3, optimiser: { kind: sgd, momentum: 0.9 } } }
  a: { data: "idx:i,l", test: "idx:j,k" }
scenarios:
  s: { forget: random=5, problems: [a] }
methods:
  tuned: { method: ./mine.js, options: { deep: { list: [1, x] } }, search: { alpha: { from: 1, to: 2 }, kind: { choices: [a, 3] } }, problems: [z] }
  usual: { method: ssd, search: usual, scenarios: [s] }
metrics: [forget-accuracy]
`;
  const { seeds, problems, scenarios, methods, metrics } = read(source);
  expect([seeds, metrics]).toEqual([[7, 3], ["forget-accuracy"]]);
  expect(problems.map(({ name }) => name)).toEqual(["z", "a"]);
  expect(problems[0].recipe).toEqual({ epochs: 3, optimiser: { kind: "sgd", momentum: 0.9 } });
  expect(scenarios[0].problems).toEqual(["a"]);
  expect(methods[0]).toMatchObject({
    method: "./mine.js",
    options: { deep: { list: [1, "x"] } },
    search: { alpha: { from: 1, to: 2, scale: "linear" }, kind: { choices: ["a", 3] } },
    problems: ["z"],
    scenarios: ["s"],
  });
  expect(methods[1].search).toBe("usual");
});

test.each([
  ["name: [", 1],
  ["name: small\nseeds: 1\nseeds: 2\n", 3],
  ["name: small\nseeds: 2\nmethods: [a\n", 4],
])("%j is not YAML, and the line is named", (source, line) => {
  expect(refusal(source)).toMatchObject({
    code: "experiment/not-yaml",
    line,
    message: expect.stringContaining(`small.yaml is not YAML: line ${line}`) as unknown,
  });
});

test("an alias of nothing is an error of the file", () => {
  expect(refusal("name: *nobody")).toMatchObject({ code: "experiment/not-yaml" });
});

describe("what is wrong is named by its field", () => {
  test.each([
    ["nothing at all", "", ""],
    ["another field", `${least}oracels: 3`, ""],
    ["a name with a slash", withField("name", "a/b"), "name"],
    ["no seeds", withField("seeds", "0"), "seeds"],
    ["a seed twice", withField("seeds", "[1, 2, 1]"), "seeds"],
    ["a negative seed", withField("seeds", "[-1]"), "seeds.0"],
    ["no oracles", `${least}oracles: 0`, "oracles"],
    ["no problems", withField("problems", "{}"), "problems"],
    ["a problem without data", withField("problems", "{ digits: { model: mlp } }"), "problems.digits.data"],
    ["an unknown field of a recipe", withField("problems", "{ digits: { data: digits, recipe: { lr: 1 } } }"), "problems.digits.recipe"],
    ["neither scenarios nor audits", withField("scenarios", "{}"), "scenarios"],
    ["an unknown problem of a scenario", withField("scenarios", "{ class: { forget: class=1, problems: [mnist] } }"), "scenarios.class.problems"],
    ["an unknown problem of a method", withField("methods", "{ ssd: { problems: [mnist] } }"), "methods.ssd.problems"],
    ["an unknown scenario of a method", withField("methods", "{ ssd: { scenarios: [random] } }"), "methods.ssd.scenarios"],
    ["a row by the name of the control", withField("methods", "{ control: { method: ssd } }"), "methods.control"],
    ["names that would share a file", withField("methods", "{ a--b: { method: ssd } }"), "methods.a--b"],
    ["an empty range", withField("methods", "{ ssd: { search: { alpha: { from: 2, to: 2 } } } }"), "methods.ssd.search.alpha"],
    ["a logarithm of 0", withField("methods", "{ ssd: { search: { alpha: { from: 0, to: 2, scale: logarithmic } } } }"), "methods.ssd.search.alpha"],
    ["an unknown metric", `${least}metrics: [forget-accuracy, beauty]`, "metrics"],
    ["an audit of an unknown problem", `${least}audits: { a: ${audit.replace("digits", "mnist")} }`, "audits.a.problem"],
    ["an audit of an unknown row", `${least}audits: { a: ${audit.replace("models", "methods: [pgu], models")} }`, "audits.a.methods"],
    ["an unknown attack", `${least}audits: { a: ${audit.replace("{", "{ attacks: [lira],")} }`, "audits.a.attacks.0"],
    ["an attack twice", `${least}audits: { a: ${audit.replace("{", "{ attacks: [rmia, rmia],")} }`, "audits.a.attacks"],
    ["an audit without attacks", `${least}audits: { a: ${audit.replace("{", "{ attacks: [],")} }`, "audits.a.attacks"],
  ])("%s", (_, source, field) => {
    expect(refusal(source)).toMatchObject({ code: "experiment/invalid", field, message: expect.stringContaining(`(${field}`) as unknown });
  });

  test("and a reference to nothing says what there is", () => {
    expect(refusal(withField("methods", "{ ssd: { scenarios: [random] } }"))).toMatchObject({
      message: "small.yaml does not describe an experiment (methods.ssd.scenarios: there is no random; there are class).",
    });
  });
});
