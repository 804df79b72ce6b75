/** What this package needs of tfjs's WebGPU backend, of which most is private there. */
export interface WebgpuBackend {
  readonly device: Device;
  readonly bufferManager: BufferManager;
  read(dataId: object): Promise<unknown>;
  submitQueue(): void;
  readonly commandEncoder: object | null;
  endComputePassEncoder(): void;
}

export interface Device {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  addEventListener(type: "uncapturederror", listener: (event: { readonly error: Error; preventDefault?(): void }) => void): void;
  destroy(): void;
}

interface GpuBuffer {
  readonly size: number;
  destroy(): void;
}

/** Buffers in use, and free ones kept for tensors of the same size. */
export interface BufferManager {
  numBytesUsed: number;
  numBytesAllocated: number;
  numFreeBuffers: number;
  readonly freeBuffers: Map<string, GpuBuffer[]>;
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GpuBuffer;
  releaseBuffer(buffer: GpuBuffer, reuse?: boolean): void;
}
