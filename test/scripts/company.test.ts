import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { companyGrants, companyParts } from "../../scripts/company.ts";

t.test(
  "the page of the access model begins with the company that the demo and the cluster have, which guard labels",
  async (t) => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/access-model.md"), "utf8");
    const shown = page
      .slice(0, page.indexOf("\n## "))
      .split("\n")
      .flatMap((line) => (line.startsWith("$ ") ? line.slice(2).replace(" --accept-label-risk", "") : []));
    const company = [...companyParts, ...companyGrants];
    t.same(
      shown.filter((line) => company.includes(line)),
      company,
    );
  },
);
