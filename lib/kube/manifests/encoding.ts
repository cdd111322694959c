// The characters of a file of manifests. Source: cli-runtime resource.FileVisitor: a byte order mark says UTF-16, else it is UTF-8.

export type Encoding = "utf8" | "utf8-marked" | "utf16le" | "utf16be";

/** A text without its byte order mark, and how to write it back (encodeText). */
export interface DecodedText {
  text: string;
  encoding: Encoding;
}

export function decodeText(bytes: Buffer): DecodedText {
  const encoding = encodingByMark(bytes);
  switch (encoding) {
    case "utf16le":
      return { text: bytes.toString("utf16le").slice(1), encoding };
    case "utf16be":
      return { text: swapped(bytes).toString("utf16le").slice(1), encoding };
    case "utf8-marked":
      return { text: bytes.toString("utf8").slice(1), encoding };
    case "utf8":
      return { text: bytes.toString("utf8"), encoding };
  }
}

export function encodeText({ text, encoding }: DecodedText): Buffer {
  if (encoding === "utf8") return Buffer.from(text);
  const marked = `\uFEFF${text}`;
  if (encoding === "utf8-marked") return Buffer.from(marked);
  const bytes = Buffer.from(marked, "utf16le");
  return encoding === "utf16le" ? bytes : bytes.swap16();
}

function encodingByMark(bytes: Buffer): Encoding {
  const mark = bytes.subarray(0, 3).toString("hex");
  if (mark === "efbbbf") return "utf8-marked";
  if (mark.startsWith("fffe")) return "utf16le";
  return mark.startsWith("feff") ? "utf16be" : "utf8";
}

// What is half a character at the end is left out: swap16 takes pairs only.
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).swap16();
}
