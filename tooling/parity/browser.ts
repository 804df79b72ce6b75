// What the page of page.html runs: the suite on WebGPU, whose answer it sends to the server that it came from.
import { answer } from "./program.ts";

async function send(path: string, body: unknown): Promise<void> {
  await fetch(path, { method: "POST", body: JSON.stringify(body) });
}

try {
  await send("/answer", await answer("webgpu", ({ group, name }) => void send("/progress", `${group}: ${name}`)));
} catch (error) {
  await send("/failure", error instanceof Error ? (error.stack ?? error.message) : String(error));
}
