import t from "tap";
import { picture, WIDTH, type Picture, type Station } from "../../../lib/view/html/picture.ts";

const drawn = (...stations: Station[]): Picture => {
  const found = picture(stations);
  if (found === undefined) throw new Error("no picture");
  return found;
};
const subject: Station = { kind: "subject", names: ["jim"] };
const role: Station = { kind: "role", names: ["ClusterRole edit"] };

t.test("one station goes nowhere, and none is nothing", async (t) => {
  t.equal(picture([]), undefined);
  t.equal(picture([subject]), undefined);
});

t.test("boxes lie below each other, with an arrow between", async (t) => {
  const { boxes, arrows, height, width, title } = drawn(subject, { ...role, by: "being bound" });
  const [first, second] = boxes;
  t.match(boxes, [
    { kind: "subject", lines: [{ text: "jim" }] },
    { kind: "role", lines: [{ text: "ClusterRole edit" }] },
  ]);
  t.equal(arrows.length, 1);
  t.equal(arrows[0]?.from, (first?.y ?? 0) + (first?.height ?? 0));
  t.equal(arrows[0]?.to, second?.y);
  t.same(
    arrows[0]?.lines.map(({ text }) => text),
    ["being bound"],
  );
  t.equal(height, (second?.y ?? 0) + (second?.height ?? 0) + 1);
  t.equal(width, WIDTH);
  t.equal(title, "subject jim, then by being bound: role ClusterRole edit");
});

t.test("text stays in its box, and above its end", async (t) => {
  for (const name of ["x".repeat(253), `${"word ".repeat(30)}end`, "\u{4e2d}".repeat(60), `a ${"b".repeat(40)} c`]) {
    const { boxes, arrows } = drawn(subject, { kind: "role", names: [name], by: name });
    for (const { lines, y, height } of boxes)
      for (const line of lines) {
        t.ok(line.y > y && line.y < y + height);
        t.ok(Buffer.byteLength(line.text, "utf16le") / 2 <= 40);
      }
    const text = boxes[1]?.lines.map((line) => line.text).join("");
    t.equal(text?.replaceAll(" ", ""), name.replaceAll(" ", ""), "all of it is there");
    for (const { from, to, lines } of arrows) t.ok(lines.every((line) => line.y > from && line.y < to));
  }
});

t.test("of many names the first are shown, and the others counted", async (t) => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);
  const shown = (count: number) =>
    drawn({ kind: "subject", names: names(count) }, role).boxes[0]?.lines.map((l) => l.text);
  t.same(shown(4), ["u0", "u1", "u2", "u3"]);
  t.same(shown(5), ["u0", "u1", "u2", "and 2 more"]);
  t.match(drawn({ kind: "subject", names: names(5) }, role).title, /^subject u0, u1, u2, and 2 more, then/);
});

t.test("what deceives a reader is visible before it is measured", async (t) => {
  const { boxes } = drawn(role, { kind: "subject", names: ["\u202e".repeat(30)] });
  t.ok(boxes[1]?.lines.every(({ text }) => text.length <= 40 && !text.includes("\u202e")));
});
