import fc from "fast-check";
import t from "tap";
import { byCodePoint } from "../../lib/text/order.ts";

t.test("the order is that of the bytes in UTF-8", async () => {
  const text = fc.string({ unit: "grapheme-composite" });
  fc.assert(
    fc.property(text, text, (a, b) => Math.sign(byCodePoint(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "\uFFFD", "\u{1F600}", "\uE000") }),
      fc.string({ unit: fc.constantFrom("a", "\uFFFD", "\u{1F600}", "\uE000") }),
      (a, b) => Math.sign(byCodePoint(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b)),
    ),
  );
});

t.test("above the basic plane it differs from JavaScript's own", async (t) => {
  const names = ["\u{1F600}", "\uFFFD"];
  t.same([names.toSorted(), names.toSorted(byCodePoint)], [names, names.toReversed()]);
});
