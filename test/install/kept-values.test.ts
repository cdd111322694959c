import t from "tap";
import { keptLicense } from "../../lib/install/kept-values.ts";
import { renderInstallation } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";

const kept = (values: JsonObject) => {
  const deployment = renderInstallation(values).objects.find(({ kind }) => kind === "Deployment");
  if (deployment === undefined) throw new Error("no Deployment");
  return keptLicense(deployment);
};

const cases: { name: string; values: JsonObject; want: JsonObject }[] = [
  {
    name: "a key that is in the Secret of the installation",
    values: { license: { key: "k" } },
    want: { license: { keyRef: "mirrord-operator-license" } },
  },
  { name: "a key in a Secret", values: { license: { keyRef: "mine" } }, want: { license: { keyRef: "mine" } } },
  {
    name: "a file, and a licence server",
    values: { license: { pemRef: "pem", licenseServer: "https://licences" } },
    want: { license: { pemRef: "pem", licenseServer: "https://licences" } },
  },
  { name: "a key elsewhere", values: { license: { keyGsmRef: "g" } }, want: { license: { keyGsmRef: "g" } } },
  { name: "a file elsewhere", values: { license: { pemGsmRef: "g" } }, want: { license: { pemGsmRef: "g" } } },
  {
    name: "a cloud key in a Secret",
    values: { cloud: { apiKey: { keyRef: "c" } } },
    want: { cloud: { apiKey: { keyRef: "c" } } },
  },
  {
    name: "a cloud key elsewhere",
    values: { cloud: { apiKey: { gsmRef: "g" } } },
    want: { cloud: { apiKey: { gsmRef: "g" } } },
  },
];

for (const { name, values, want } of cases) {
  t.test(`an upgrade keeps ${name}, and renders the same licence of it`, async (t) => {
    t.same(kept(values), want);
    t.same(kept(kept(values)), want);
  });
}

t.test("of a Deployment without a licence nothing is kept", async (t) => {
  t.same(keptLicense({ apiVersion: "apps/v1", kind: "Deployment", metadata: {} }), {});
});
