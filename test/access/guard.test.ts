import t from "tap";
import { guardDoubts, unknownGuard } from "../../lib/access/guard.ts";

t.test("a guard that may not be read counts as none, and says what it takes to know", async (t) => {
  t.same(unknownGuard(["a"]), { guards: false, unreadable: ["a"] });
  t.same(guardDoubts([], "grants"), []);
  t.same(guardDoubts(["a", "b"], "grants"), [
    "you may not read a, b: whether a policy keeps grants for administrators is not known",
  ]);
});
