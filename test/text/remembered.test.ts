import t from "tap";
import { remembered } from "../../lib/text/remembered.ts";

t.test("an answer is worked out once, undefined ones too, until there are more than are kept", async (t) => {
  const asked: string[] = [];
  const length = remembered((text) => {
    asked.push(text);
    return text === "" ? undefined : text.length;
  }, 2);
  t.same([length("ab"), length(""), length("ab"), length("")], [2, undefined, 2, undefined]);
  t.same(asked, ["ab", ""]);
  t.equal(length("abc"), 3);
  t.same([length("ab"), asked.length], [2, 4]);
});
