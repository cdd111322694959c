import t from "tap";
import { counted } from "../../lib/text/counted.ts";

t.test("only one is singular", async (t) =>
  t.same(
    [0, 1, 2].map((count) => counted(count, "role")),
    ["0 roles", "1 role", "2 roles"],
  ),
);
