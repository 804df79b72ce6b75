import { chooseBackend } from "@lethe/backends";
import { describeGolden } from "./fixtures/golden.ts";

describeGolden(async () => {
  await chooseBackend({ name: "wasm" });
}, ["digits-class", "digits-random", "fashion-class"]);
