/** How a measure went over time: bytes in the second quarter and in the last one, each the median, and bytes a minute. */
export interface Trend {
  early: number;
  late: number;
  perMinute: number;
}

/** @param looks in the order of time, at even distances. The first quarter, in which caches fill, does not count. */
export function trend(looks: readonly { atMinutes: number; bytes: number }[]): Trend {
  const quarter = Math.floor(looks.length / 4);
  const counted = looks.slice(quarter);
  const middle = (part: typeof counted): number =>
    part.map(({ bytes }) => bytes).toSorted((one, other) => one - other)[Math.floor(part.length / 2)] ?? 0;
  return {
    early: middle(looks.slice(quarter, 2 * quarter)),
    late: middle(looks.slice(-Math.max(quarter, 1))),
    perMinute: slope(counted.map(({ atMinutes, bytes }) => [atMinutes, bytes])),
  };
}

/** Of the line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
