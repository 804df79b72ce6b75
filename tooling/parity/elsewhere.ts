import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "./program.ts";

export interface NodeRun {
  /** Where `bundle("node", folder)` wrote. */
  readonly folder: string;
  readonly backend: string;
  /** Beside this process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the suite answers in a Node of its own. Throws with all that it printed where it gives no answer. */
export async function answerInNode({ folder, backend, environment }: NodeRun): Promise<Answer> {
  const file = join(folder, `answer-${backend}.json`);
  const child = spawn(process.execPath, [join(folder, "node.mjs"), backend, file], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) throw new Error(`The suite on ${backend} ended with ${code} and without an answer:\n${Buffer.concat(said).toString()}`);
  return JSON.parse(text) as Answer;
}

/** The executable that `LETHE_CHROMIUM` names, or the one that is installed. */
export function findChromium(variables: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const named = variables["LETHE_CHROMIUM"];
  if (named) return named;
  const usual = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].map((name) => `/usr/bin/${name}`);
  return usual.find((path) => existsSync(path));
}

export interface BrowserRun {
  /** Where `bundle("browser", folder)` wrote. */
  readonly folder: string;
  readonly chromium: string;
  /** `software`: emulated, there on every machine. */
  readonly adapter: "hardware" | "software";
  /** Seconds without any progress after which the page is given up. */
  readonly patience: number;
}

/** What the suite answers in a page of headless Chromium, which is served, and answers, over this machine's own network. */
export async function answerInChromium({ folder, chromium, adapter, patience }: BrowserRun): Promise<Answer> {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const page = servePage(folder, patience);
  const port = await page.listening;
  const child = spawn(chromium, [...flags(adapter), `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  try {
    return await Promise.race([
      page.answer,
      new Promise<never>((_, reject) => {
        child.on("error", reject);
        child.on("close", (code) => reject(new Error(`Chromium ended with ${code}:\n${Buffer.concat(said).toString().slice(-2000)}`)));
      }),
    ]);
  } finally {
    child.kill();
    page.close();
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function flags(adapter: BrowserRun["adapter"]): string[] {
  const software = adapter === "software" ? ["--use-webgpu-adapter=swiftshader"] : [];
  // Root has no sandbox for it, as in containers.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return ["--headless=new", "--no-first-run", "--disable-extensions", "--enable-unsafe-webgpu", "--enable-features=Vulkan", ...software, ...sandbox];
}

const page = '<!doctype html><meta charset="utf-8"><title>Parity</title><script type="module" src="/browser.js"></script>';

function servePage(folder: string, patience: number) {
  let resolve: (answer: Answer) => void;
  let reject: (error: Error) => void;
  const answer = new Promise<Answer>((...both) => ([resolve, reject] = both));
  // Whoever waits for it may have been told of something else first.
  answer.catch(() => undefined);
  let last = "nothing";
  const giveUp = () => reject(new Error(`The page was silent for ${patience} s; the last it had done was ${last}.`));
  let silence = setTimeout(giveUp, patience * 1000);
  const heard: Readonly<Record<string, (body: string) => void>> = {
    "/answer": (body) => resolve(JSON.parse(body) as Answer),
    "/failure": (body) => reject(new Error(`The page failed: ${body}`)),
    "/progress": (body) => {
      last = body;
      clearTimeout(silence);
      silence = setTimeout(giveUp, patience * 1000);
    },
  };
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "/";
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      heard[path]?.(Buffer.concat(chunks).toString());
      response.end();
    } else if (/^\/[\w-]+\.js$/.test(path)) {
      response.setHeader("content-type", "text/javascript");
      response.end(await readFile(join(folder, path.slice(1))).catch(() => ""));
    } else {
      response.setHeader("content-type", "text/html");
      response.end(path === "/" ? page : "");
    }
  };
  const listening = new Promise<number>((listen) => server.listen(0, "127.0.0.1", () => listen((server.address() as AddressInfo).port)));
  const close = (): void => {
    clearTimeout(silence);
    server.closeAllConnections();
    server.close();
  };
  return { answer, listening, close };
}
