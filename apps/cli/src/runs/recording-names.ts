/** The folder of a method's recording, within a run folder. */
export function recordingName(methodId: string): string {
  return `recorded-${methodId}`;
}

/** The file in a run folder that lists what is in the folder of a recording: size and SHA-256, by name. */
export function listingName(methodId: string): string {
  return `${recordingName(methodId)}.json`;
}

/** Whether a name in a run folder is that of a recording's folder, which the run lists. */
export function isRecordingName(name: string, names: readonly string[]): boolean {
  return /^recorded-[\w-]+$/.test(name) && names.includes(`${name}.json`);
}
