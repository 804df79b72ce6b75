/** An expression or a piece of a module, as the bytes of the WebAssembly binary format. */
export type Code = readonly number[];

/** LEB128, the format's integers of any length: seven bits a byte, lowest first. */
export const unsigned = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]);

export const signed = (value: number): number[] => (value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]);

/** An instruction on 128-bit vectors. */
export const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
