/** What a WebGPU adapter says of itself: as far as the browser tells, empty where it does not. */
export interface GpuAdapter {
  /** `"nvidia"`. */
  readonly vendor: string;
  /** `"ampere"`. */
  readonly architecture: string;
  /** `"NVIDIA A100 80GB PCIe"`. */
  readonly description: string;
  /** `hardware`, or `software` where a processor emulates it, slower than wasm and good for tests only. */
  readonly kind: "hardware" | "software";
  readonly limits: GpuLimits;
}

/** In bytes, the largest there can be. */
export interface GpuLimits {
  readonly maxBufferSize: number;
  /** Of a buffer that a kernel reads or writes: no tensor is larger. */
  readonly maxStorageBufferBindingSize: number;
}

/** What there is of WebGPU's own types, of which this package needs little. */
export interface Gpu {
  requestAdapter(options?: object): Promise<NativeAdapter | null>;
}

interface NativeAdapter {
  readonly info?: { readonly vendor?: string; readonly architecture?: string; readonly description?: string; readonly isFallbackAdapter?: boolean };
  readonly isFallbackAdapter?: boolean;
  readonly limits: GpuLimits;
}

/** `undefined`: there is none. As tfjs asks for it, so that it is the one that tfjs will get. */
export async function findAdapter(gpu: Gpu): Promise<GpuAdapter | undefined> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (adapter === null) return undefined;
  const { vendor = "", architecture = "", description = "", isFallbackAdapter = adapter.isFallbackAdapter ?? false } = adapter.info ?? {};
  // Known emulators, which not every version marks as such.
  const emulated = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${architecture} ${description}`);
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return { vendor, architecture, description, kind: emulated ? "software" : "hardware", limits: { maxBufferSize, maxStorageBufferBindingSize } };
}

/**
 * One line that names an adapter.
 *
 * @example
 * adapterName({ vendor: "nvidia", architecture: "ampere", description: "" }); // "nvidia ampere"
 */
export function adapterName({ vendor, architecture, description }: Pick<GpuAdapter, "vendor" | "architecture" | "description">): string {
  if (description !== "") return [vendor, description].filter((part) => part !== "").join(" ");
  return [vendor, architecture].filter((part) => part !== "").join(" ") || "an adapter without a name";
}
