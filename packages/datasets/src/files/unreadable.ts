import { LetheError, isLetheError } from "@lethe/core";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is not there; check the path",
  EACCES: "its permissions do not allow it",
  EPERM: "its permissions do not allow it",
  EISDIR: "it is a folder and no file",
  ENOTDIR: "it is a file and no folder",
};

/** The error of a file or folder that cannot be read, code `data/unreadable`; a LetheError is passed on. */
export function unreadable(path: string, error: unknown): LetheError {
  if (isLetheError(error)) return error as LetheError;
  const system = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const reason = reasons[system ?? ""] ?? (error instanceof Error ? error.message : String(error));
  return new LetheError("data/unreadable", `${path} cannot be read: ${reason}.`, { path, system }, { cause: error });
}
