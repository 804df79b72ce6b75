import { LetheError, isLetheError } from "@lethe/core";

/** The error of a file or folder that cannot be written: `file/disk-full`, `file/not-writable` or `file/write-failed`; a LetheError is passed on. */
export function unwritable(path: string, error: unknown): LetheError {
  if (isLetheError(error)) return error as LetheError;
  const system = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const details = { path, system };
  if (system === "ENOSPC" || system === "EDQUOT") {
    const sentence = `There is no room to write ${path} (${system}); free some space, or choose another place with --dir, and run it again.`;
    return new LetheError("file/disk-full", sentence, details, { cause: error });
  }
  if (system === "EACCES" || system === "EPERM" || system === "EROFS" || system === "ENOTDIR" || system === "EEXIST") {
    const sentence = `${path} cannot be written (${system}); check its folder and its permissions, or choose another place with --dir.`;
    return new LetheError("file/not-writable", sentence, details, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new LetheError("file/write-failed", `Writing ${path} failed (${reason}); check the disk and run it again.`, details, { cause: error });
}
