import { LetheError } from "@lethe/core";
import { decodeJpeg, decodePng, isJpeg, isPng } from "./decode-pure.ts";
import { decodeBySharp, importSharp, readsAlike, type SharpModule } from "./decode-sharp.ts";
import type { Picture } from "./picture.ts";

/** What turns JPEG files into pixels; two of them differ by rounding. PNG files give the same pixels whichever it is. */
export type DecoderName = "sharp" | "jpeg-js";

export interface Decoder {
  readonly name: DecoderName;
  /** @throws LetheError `data/bad-image` naming the file. */
  decode(bytes: Uint8Array, path: string): Promise<Picture>;
}

/**
 * @param wanted default: sharp where it is installed, for its speed; otherwise pngjs and jpeg-js.
 * @throws LetheError `data/no-decoder` where sharp is wanted and not installed.
 */
export async function openDecoder(wanted?: DecoderName): Promise<Decoder> {
  const sharp = wanted === "jpeg-js" ? undefined : await importSharp();
  if (wanted === "sharp" && sharp === undefined) {
    throw new LetheError(
      "data/no-decoder",
      "The images are to be decoded by sharp, which is not installed here; npm install sharp, or leave out decoder=sharp.",
      {
        decoder: wanted,
      },
    );
  }
  return {
    name: sharp === undefined ? "jpeg-js" : "sharp",
    async decode(bytes, path) {
      try {
        return await decodeBy(sharp, bytes);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
        throw new LetheError("data/bad-image", `${path} cannot be decoded (${reason}); mend or remove it.`, { path, reason }, { cause });
      }
    },
  };
}

async function decodeBy(sharp: SharpModule | undefined, bytes: Uint8Array): Promise<Picture> {
  if (isPng(bytes)) return sharp !== undefined && readsAlike(bytes) ? decodeBySharp(sharp, bytes) : decodePng(bytes);
  if (isJpeg(bytes)) return sharp === undefined ? decodeJpeg(bytes) : decodeBySharp(sharp, bytes);
  throw new Error(bytes.length === 0 ? "it is empty" : "it is neither PNG nor JPEG, whatever its name says");
}
