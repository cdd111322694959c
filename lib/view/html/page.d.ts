/** The lines of a list that are seen, and some more on either side: the first, and the one after the last. */
export function visibleLines(
  scrolled: { top: number; height: number },
  lineHeight: number,
  count: number,
): { first: number; end: number };

/** How many lines a key moves by; undefined: it does not move. @param page lines that are seen at once */
export function keyStep(key: string, page: number): number | undefined;

/** The lines in which each of the words is somewhere, and that allow the action: a column, or empty for any. */
export function matchingLines(
  table: { texts: readonly string[]; rows: readonly number[][] },
  filter: { words: string; action: string },
): number[][];

/** Shows a whole line, whose cells the table cuts off. Runs in the page. */
export function showLine(dialog: HTMLDialogElement, cells: readonly { name: string; value: string }[]): void;

/** The element of this id and kind. Throws when the page has none. */
export function need<Kind>(id: string, kind: new () => Kind): Kind;

/** What the page's lists are made to work with. */
export interface PageParts {
  need: typeof need;
  visibleLines: typeof visibleLines;
  keyStep: typeof keyStep;
  matchingLines: typeof matchingLines;
  showLine: typeof showLine;
}

/** Filters the findings by severity, rule and words. Runs in the page. */
export function startFindings(parts: PageParts): void;

/** Draws of the matrix what is in sight. Runs in the page. */
export function startMatrix(parts: PageParts): void;
