/** The shell waits for the answer; a cluster that is slower has none. */
export const TIMEOUT_MILLISECONDS = 1000;

/**
 * What is found within the time, which runs from the first call of `began`; undefined where it fails or is late: no cluster,
 * no permission, no time. Then, and also when there is an answer, `ending` ends what is still under way, a program to log in
 * with too.
 */
export async function inTime<Found>(
  find: (began: () => void) => Promise<Found>,
  ending: AbortController,
): Promise<Found | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = Promise.withResolvers<undefined>();
  const began = (): void => {
    timer ??= setTimeout(() => late.resolve(undefined), TIMEOUT_MILLISECONDS);
  };
  try {
    return await Promise.race([find(began).catch(() => undefined), late.promise]);
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}
