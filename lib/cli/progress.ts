import { escapeCell } from "../text/escape.ts";
import type { Progress } from "./world.ts";

export interface ProgressOptions {
  write(text: string): void;
  /** On a terminal the line is redrawn and removed at the end; elsewhere each message is a line that stays. */
  terminal: boolean;
  /** A line that is redrawn is cut to this width: one that the terminal wraps could not be taken away. */
  columns?: number;
  /** Before the first message; what is faster stays silent. */
  delayMilliseconds?: number;
  /** Between two messages where the line cannot be redrawn. */
  repeatMilliseconds?: number;
}

export interface ProgressLine extends Progress {
  /** Takes the line away, so that other text can be written; the next message draws it again. */
  clear(): void;
}

const CLEAR_LINE = "\r\u001b[K";

/** Its timer keeps no process alive. */
export function progressLine(label: string, options: ProgressOptions): ProgressLine {
  const { write, terminal, delayMilliseconds = 1000, repeatMilliseconds = 5000, columns = Infinity } = options;
  let text = label;
  let drawn = false;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    const said = escapeCell(text);
    write(terminal ? `${CLEAR_LINE}${said.slice(0, columns - 3)} …` : `${said} …\n`);
    drawn = true;
    timer = setTimeout(draw, terminal ? delayMilliseconds : repeatMilliseconds).unref();
  };
  const clear = (): void => {
    if (drawn && terminal) write(CLEAR_LINE);
    drawn = false;
  };
  timer = setTimeout(draw, delayMilliseconds).unref();

  return {
    update(next) {
      text = next;
    },
    clear,
    end() {
      clearTimeout(timer);
      clear();
    },
  };
}
