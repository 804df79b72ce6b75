import { closest } from "../command-line/closest.ts";
import { defineCommand, type Report } from "../command-line/command.ts";
import { text, type Values } from "../command-line/options.ts";
import { UsageError } from "../command-line/usage-error.ts";
import type { Session } from "../session.ts";
import { getOne } from "./data/get.ts";
import { infoOf } from "./data/info.ts";
import { listAll } from "./data/list.ts";
import { verifyOne } from "./data/verify.ts";

export const dataOptions = {
  from: text({ placeholder: "FOLDER", help: "get: take the files from there, at any depth, packed or not, instead of fetching them" }),
  dir: text({ placeholder: "FOLDER", help: "where data lie; default: the variable LETHE_DATA, or else .lethe/data" }),
};

export interface DataRequest {
  /** The second word. */
  readonly name: string | undefined;
  readonly options: Values<typeof dataOptions>;
  readonly session: Session;
}

const actions: ReadonlyMap<string, (request: DataRequest) => Promise<Report>> = new Map([
  ["list", listAll],
  ["get", getOne],
  ["verify", verifyOne],
  ["info", infoOf],
]);

export const data = defineCommand({
  name: "data",
  about:
    "Lists the data sets that Lethe knows (list), fetches one and checks every file against its published sum (get), checks what is there again " +
    "(verify), or says whose a data set is and how it is used (info). Fetching goes through npm and apt-get as they are set up on this machine.",
  operands: {
    action: { help: "list, get, verify or info", required: "yes" },
    name: { help: "a data set; for verify, its folder will do", required: "no" },
  },
  options: dataOptions,
  examples: [
    "lethe data list",
    "lethe data get cifar10",
    "lethe data get svhn --from ~/Downloads",
    "lethe data verify cifar10",
    "lethe data info mnist",
  ],
  async run({ operands: { action, name }, options }, session) {
    const act = actions.get(action);
    if (act === undefined) throw unknownAction(action);
    if (options.from !== undefined && action !== "get") {
      throw new UsageError("cli/conflict", `--from belongs to lethe data get; leave it out.`, { option: "from" });
    }
    if (name !== undefined && action === "list") {
      throw new UsageError("cli/unexpected-operand", `lethe data list takes no name; lethe data info ${name} shows one.`, { given: name });
    }
    return act({ name, options, session });
  },
});

function unknownAction(given: string): UsageError {
  const known = [...actions.keys()];
  const similar = closest(given, known);
  const advice = similar === undefined ? `there are ${known.join(", ")}.` : `did you mean ${similar}?`;
  return new UsageError("cli/unknown-action", `lethe data has no action ${given}; ${advice}`, { given, known });
}
