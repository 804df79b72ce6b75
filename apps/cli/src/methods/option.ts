import type { AnyMethod } from "@lethe/core";
import { list, number, requiredText, type Values } from "../command-line/options.ts";
import { readSettings } from "../inputs/set.ts";
import { loadMethod, type LoadedMethod } from "./load.ts";
import { configureMethod } from "./options.ts";

export const methodOptions = {
  method: requiredText({ placeholder: "NAME", help: "id, package or path of the method; see lethe methods" }),
  set: list({ placeholder: "OPTION=VALUE", help: "an option of the method" }),
  seed: number({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: "yes", help: "decides all randomness; default 0" }),
};

export interface ChosenMethod extends LoadedMethod {
  readonly configured: AnyMethod;
}

/** @throws what loading the method and checking its options throws. */
export async function chooseMethod(given: Omit<Values<typeof methodOptions>, "seed">, cwd: string): Promise<ChosenMethod> {
  return chooseConfigured(given.method, readSettings(given.set), cwd);
}

export async function chooseConfigured(name: string, settings: Readonly<Record<string, unknown>>, cwd: string): Promise<ChosenMethod> {
  const loaded = await loadMethod(name, cwd);
  return { ...loaded, configured: configureMethod(loaded.method, settings) };
}
