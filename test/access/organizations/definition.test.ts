import t from "tap";
import { organizationDefinition } from "../../../lib/access/organizations/definition.ts";
import { objectLines, saysKept } from "../../kept-text.ts";

t.test("the kind Organization stands as it is installed: each limit, pattern and rule of it", async (t) => {
  saysKept(t, import.meta.filename, "definition", () => objectLines(organizationDefinition));
});
