// Logs can be larger than any memory, and most of their lines are about something else: only those are decoded that have
// one of a few words.

export interface LineScanner {
  /** The next bytes, cut anywhere. They are not kept. */
  push(chunk: Uint8Array): void;
  /** The last line may have no end. */
  end(): void;
  /** Lines that were longer than any line of a log, and were left out. */
  readonly tooLong: number;
}

/** An API server cuts an event off at 1.5 MiB; wrapped in JSON it is longer. */
const LONGEST_LINE = 16 * 1024 * 1024;

const LINE_FEED = 10;

/** Hands on every line that holds one of the words, in order. Memory is bounded by the longest line, whatever comes. */
export function lineScanner(
  words: readonly string[],
  onLine: (line: string) => void,
  longest: number = LONGEST_LINE,
): LineScanner {
  const needles = words.map((word) => Buffer.from(word));
  let rest: Buffer[] = [];
  let restLength = 0;
  let tooLong = 0;
  let isSkipping = false;

  const keep = (part: Buffer): void => {
    restLength += part.length;
    if (restLength > longest) {
      rest = [];
      isSkipping = true;
    } else if (part.length > 0) rest.push(Buffer.from(part));
  };

  /** Ends the line that the last chunks began. */
  const finish = (part: Buffer): void => {
    keep(part);
    if (isSkipping) tooLong += 1;
    else if (restLength > 0) search(Buffer.concat(rest), needles, onLine);
    rest = [];
    restLength = 0;
    isSkipping = false;
  };

  return {
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const last = chunk.lastIndexOf(LINE_FEED);
      if (last < 0) return keep(chunk);
      const first = restLength === 0 ? -1 : chunk.indexOf(LINE_FEED);
      if (first >= 0) finish(chunk.subarray(0, first + 1));
      search(chunk.subarray(first + 1, last + 1), needles, onLine);
      keep(chunk.subarray(last + 1));
    },
    end: () => finish(Buffer.alloc(0)),
    get tooLong() {
      return tooLong;
    },
  };
}

interface Needle {
  word: Buffer;
  /** Where it is next: at or behind the last line that was handed on, unless not looked for since; Infinity for nowhere. */
  at: number;
}

/** In whole lines each word is looked for at the speed of memory, so that lines without any cost next to nothing. */
function search(lines: Buffer, words: readonly Buffer[], onLine: (line: string) => void): void {
  const needles = words.map((word): Needle => ({ word, at: -1 }));
  let [likely] = needles;
  let end = -1;
  const look = (needle: Needle): void => {
    if (needle.at <= end) needle.at = position(lines, needle.word, end + 1);
  };
  while (likely !== undefined) {
    // In logs that are all about mirrord the next line has what the last one had: other words need not be looked for.
    let start = end + 1;
    let next = lineEnd(lines, start);
    look(likely);
    if (likely.at > next) {
      for (const needle of needles) {
        look(needle);
        if (needle.at < likely.at) likely = needle;
      }
      if (likely.at === Infinity) return;
      if (likely.at > next) {
        start = lines.lastIndexOf(LINE_FEED, likely.at) + 1;
        next = lineEnd(lines, likely.at);
      }
    }
    end = next;
    onLine(lines.toString("utf8", start, end));
  }
}

function lineEnd(lines: Buffer, from: number): number {
  const feed = lines.indexOf(LINE_FEED, from);
  return feed < 0 ? lines.length : feed;
}

function position(lines: Buffer, needle: Buffer, from: number): number {
  const at = lines.indexOf(needle, from);
  return at < 0 ? Infinity : at;
}
