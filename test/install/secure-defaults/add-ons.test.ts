import t from "tap";
import { addOnByName, addOns } from "../../../lib/install/secure-defaults/add-ons.ts";
import { saysKept } from "../../kept-text.ts";

t.test("an add-on is found by its name alone", async (t) => {
  for (const each of addOns) t.equal(addOnByName(each.name), each);
});

for (const name of ["longhor", "x", ""]) {
  t.test(`${JSON.stringify(name)} is no add-on, and what to do is said`, async (t) => {
    saysKept(t, import.meta.filename, name, () => addOnByName(name));
  });
}
