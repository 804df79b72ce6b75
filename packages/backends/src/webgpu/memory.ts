import { LetheError } from "@lethe/core";
import type { BufferManager, Device } from "./device.ts";

/** Free buffers are kept up to as many bytes as are in use, and at least this many: what a next batch of the same shape will want. */
const spare = 64 * 2 ** 20;

/**
 * Keeps the backend's memory within twice what its tensors need: as it comes, it keeps every freed buffer for ever, so that tensors of ever new sizes (the
 * last batch, another data set) fill the GPU. And refuses a tensor that the device cannot hold, whose kernels would otherwise give zeros without a word.
 *
 * @throws LetheError `backend/too-large`, when such a tensor is made
 */
export function boundMemory(manager: BufferManager, { limits }: Pick<Device, "limits">): void {
  const acquire = manager.acquireBuffer.bind(manager);
  const release = manager.releaseBuffer.bind(manager);
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  manager.acquireBuffer = (size, ...others) => {
    if (size > most) throw tooLarge(size, most);
    return acquire(size, ...others);
  };
  manager.releaseBuffer = (buffer, ...others) => {
    release(buffer, ...others);
    const kept = manager.numBytesAllocated - manager.numBytesUsed;
    if (kept > Math.max(spare, manager.numBytesUsed)) destroyFree(manager);
  };
}

/** Free buffers belong to no command that has not been submitted, and what has been submitted ends undisturbed. */
function destroyFree(manager: BufferManager): void {
  for (const buffers of manager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      manager.numBytesAllocated -= buffer.size;
      manager.numFreeBuffers--;
      buffer.destroy();
    }
  }
}

function tooLarge(size: number, most: number): LetheError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  const message = `A tensor of ${megabytes(size)} does not fit into one buffer of this GPU (${megabytes(most)}); take smaller batches, or --backend wasm.`;
  return new LetheError("backend/too-large", message, { size, most });
}
