/** What a run cost. */
export interface Cost {
  /** Samples that went through a forward pass; a sample that goes through twice counts twice. */
  readonly samplesForward: number;
  /** Samples that went through a backward pass. */
  readonly samplesBackward: number;
  /** Hessian-vector products times samples. */
  readonly hessianVectorProducts: number;
  /** Bytes written or kept for later requests. */
  readonly bytesStored: number;
  /** Wall-clock seconds. */
  readonly seconds: number;
}

export interface Meter {
  forward(samples: number): void;
  backward(samples: number): void;
  hessianVectorProduct(samples: number): void;
  store(bytes: number): void;
  read(): Cost;
}

export function createMeter(): Meter {
  const started = performance.now();
  let samplesForward = 0;
  let samplesBackward = 0;
  let hessianVectorProducts = 0;
  let bytesStored = 0;
  return {
    forward: (samples) => void (samplesForward += samples),
    backward: (samples) => void (samplesBackward += samples),
    hessianVectorProduct: (samples) => void (hessianVectorProducts += samples),
    store: (bytes) => void (bytesStored += bytes),
    read: () => ({ samplesForward, samplesBackward, hessianVectorProducts, bytesStored, seconds: (performance.now() - started) / 1000 }),
  };
}
