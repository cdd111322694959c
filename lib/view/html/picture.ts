// A chain of stations as a picture: one box below the other, so that it fits a telephone and a sheet of paper alike.

import { escapeCell } from "../../text/escape.ts";

/** One station of a chain. */
export interface Station {
  /** What it is: `binding`; written above its names, and its class in the style sheet. */
  kind: string;
  names: readonly string[];
  /** How one gets here from the station before. */
  by?: string;
}

interface TextLine {
  text: string;
  y: number;
}

interface Box {
  kind: string;
  y: number;
  height: number;
  kindY: number;
  lines: TextLine[];
}

interface Arrow {
  from: number;
  to: number;
  /** What is said beside it. */
  lines: TextLine[];
}

/** Where everything is, in pixels; what is drawn is in the templates. */
export interface Picture {
  /** The same in words, for those who hear it. */
  title: string;
  width: number;
  height: number;
  boxes: Box[];
  arrows: Arrow[];
}

export const WIDTH = 340;

/** Characters of a monospaced font that fit a box, and beside an arrow. */
const COLUMNS = 40;
const BESIDE_ARROW = 24;

const LINE = 17;
const PADDING = 10;
const KIND = 15;
const GAP = 26;

/** More are counted only. */
const NAMED = 4;

/** Undefined where there are no two stations to go between. */
export function picture(stations: readonly Station[]): Picture | undefined {
  if (stations.length < 2) return undefined;
  const boxes: Box[] = [];
  const arrows: Arrow[] = [];
  let y = 1;
  for (const { kind, names, by } of stations) {
    if (boxes.length > 0) {
      const said = by === undefined ? [] : wrapped(by, BESIDE_ARROW);
      const from = y;
      y += Math.max(GAP, said.length * LINE + PADDING);
      const start = (from + y - said.length * LINE) / 2;
      arrows.push({ from, to: y, lines: said.map((text, index) => ({ text, y: start + (index + 1) * LINE - 5 })) });
    }
    const lines = shownNames(names).flatMap((name) => wrapped(name, COLUMNS));
    const top = y + PADDING + KIND;
    const height = PADDING + KIND + lines.length * LINE + PADDING / 2;
    boxes.push({
      kind,
      y,
      height,
      kindY: y + PADDING + 5,
      lines: lines.map((text, index) => ({ text, y: top + index * LINE + 9 })),
    });
    y += height;
  }
  return { title: words(stations), width: WIDTH, height: y + 1, boxes, arrows };
}

function shownNames(names: readonly string[]): string[] {
  return names.length <= NAMED ? [...names] : [...names.slice(0, NAMED - 1), `and ${names.length - NAMED + 1} more`];
}

/** `subject jim, then role Role dev/x, then by running a pod as it: subject sa:dev/ci`. */
function words(stations: readonly Station[]): string {
  return stations
    .map(({ kind, names, by }) => `${by === undefined ? "" : `by ${by}: `}${kind} ${shownNames(names).join(", ")}`)
    .join(", then ");
}

/** Lines of so many columns, broken at blanks where there are any; whatever is not ASCII may be two columns wide. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of escapeCell(text).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnCount(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const character of word) {
      if (columnCount(line + character) > columns) {
        lines.push(line);
        line = "";
      }
      line += character;
    }
  }
  return [...lines, line];
}

function columnCount(text: string): number {
  let columns = 0;
  for (const character of text) columns += character <= "~" ? 1 : 2;
  return columns;
}
