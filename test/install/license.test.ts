import t from "tap";
import { hasLicenseSource, withoutLicenseSources } from "../../lib/install/license.ts";

t.test("whether values say where a licence comes from", async (t) => {
  t.ok(hasLicenseSource({ license: { keyRef: "a" } }));
  t.ok(hasLicenseSource({ license: { file: { data: { "license.pem": "x" } } } }));
  t.ok(hasLicenseSource({ cloud: { apiKey: { gsmRef: "a" } } }));
  t.notOk(hasLicenseSource({ license: { licenseServer: "https://l", keyRef: null } }));
  t.notOk(hasLicenseSource({ license: 1 }));
});

t.test("what else is said of the licence stays", async (t) => {
  const license = { key: "k", keyRef: "r", licenseServer: "https://l", file: { secret: "s", data: { x: "y" } } };
  t.same(withoutLicenseSources({ license, cloud: { apiKey: { key: "k" } }, operator: { jsonLog: true } }), {
    license: { licenseServer: "https://l", file: { secret: "s" } },
    cloud: { apiKey: {} },
    operator: { jsonLog: true },
  });
});
