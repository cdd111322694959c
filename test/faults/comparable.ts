/** What a command printed, without what differs from one run to the next: times, ages, ids. */
export const comparable = (text: string): string =>
  text
    .replaceAll(/\b(\d+[dhms] ?)+/g, "#")
    // An age by a clock that is behind.
    .replaceAll("<invalid>", "#")
    .replaceAll(/\b[0-9A-F]{6,16}\b/g, "ID")
    .replaceAll(/-[a-z2-7]{20}|-[a-z0-9]{5}\b/g, "-ID")
    .replaceAll(/\d+/g, "#")
    .replaceAll(/ +/g, " ");
