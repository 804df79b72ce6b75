import { beforeAll } from "vitest";
import { useWasmWithBorrowedKernels } from "./fixtures/borrowed-kernels.ts";
import { describeGolden } from "./fixtures/golden-suite.ts";

beforeAll(useWasmWithBorrowedKernels);

describeGolden("wasm");
