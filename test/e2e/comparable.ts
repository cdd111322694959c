export interface Answer {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Two runs of the same command say the same, but for the time, and for what is shown of a step that takes more than a second. */
export function comparable({ status, stdout, stderr }: Answer): Answer {
  return {
    status,
    stdout: stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"),
    stderr: withoutProgress(stderr),
  };
}

export function withoutProgress(stderr: string): string {
  return stderr.replaceAll(/^[A-Z].* …\n/gm, "");
}
