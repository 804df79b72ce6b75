/**
 * Whether `path` names something below the folder it is relative to, on every platform: segments joined by `/`, none of them `.` or `..`,
 * no drive, scheme or backslash. Paths found in files are checked with it before anything is read through them.
 */
export function isPathInside(path: string): boolean {
  return !/[\\:\0]/.test(path) && path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}
