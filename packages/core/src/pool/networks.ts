import { Model } from "../model/index.ts";
import { buildNetwork } from "../passes/network-text.ts";

/** Networks that nobody uses and that are kept nevertheless: a pass is seldom the last one over its network. */
const spare = 2;

/** Networks by their descriptions, each built once for all that use it. */
export class Networks {
  readonly #built = new Map<string, { readonly model: Model; users: number }>();

  /** @throws LetheError `pool/unknown-class`, `model/...`. */
  borrow(text: string): Model {
    const found = this.#built.get(text) ?? { model: new Model(buildNetwork(text)), users: 0 };
    found.users++;
    // Last in the map is what was used last.
    this.#built.delete(text);
    this.#built.set(text, found);
    return found.model;
  }

  giveBack(text: string): void {
    const found = this.#built.get(text);
    if (found) found.users--;
    const idle = [...this.#built].filter(([, { users }]) => users === 0);
    for (const [each, { model }] of idle.slice(0, -spare)) {
      this.#built.delete(each);
      model.dispose();
    }
  }
}
