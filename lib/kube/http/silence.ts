import { UserError } from "../../errors.ts";

/** A read for which the server has sent nothing for so long is given up, where no --request-timeout says otherwise. */
export const SILENCE_MS = 30_000;

export interface Silence {
  /** Something came, or something is asked for. */
  heard(): void;
  /** While it is not the server that is waited for: a login, a time that the server asked for. */
  rest(): void;
  /** What ends the request that is on its way. */
  endBy(end: () => void): void;
  /** The work's result, unless there is silence for too long before. */
  unlessSilent<Result>(work: Promise<Result>): Promise<Result>;
}

/** One timer, set anew each time: a preview has a dozen requests, and a signal for each would cost as much as they do. */
export function watchSilence(limitMs: number, what: string): Silence {
  const broken = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  let endRequest = (): void => {};
  let isDone = false;

  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const giveUp = (): void => {
    broken.reject(silent(limitMs, what));
    endRequest();
  };
  return {
    heard() {
      if (isDone) return;
      rest();
      timer = setTimeout(giveUp, limitMs);
    },
    rest,
    endBy: (end) => void (endRequest = end),
    unlessSilent: (work) =>
      Promise.race([work, broken.promise]).finally(() => {
        isDone = true;
        rest();
      }),
  };
}

function silent(limitMs: number, what: string): UserError {
  return new UserError(
    "undetermined",
    `the server sent nothing for ${limitMs / 1000} s: ${what}`,
    "A read is given up after that time without a byte. To wait longer: --request-timeout 5m (0 is for ever).",
  );
}
