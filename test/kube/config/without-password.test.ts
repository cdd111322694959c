import t from "tap";
import { withoutPassword } from "../../../lib/kube/config/without-password.ts";
import { proxyFor } from "../../../lib/kube/http/proxy.ts";

const urls: [url: string, shown: string][] = [
  ["http://jim:s3cret@proxy:3128", "http://xxxxx@proxy:3128"],
  ["jim:s3c/r@et@proxy:99999", "xxxxx@proxy:99999"],
  ["http://proxy:3128", "http://proxy:3128"],
  ["ht tp://jim:s3cret@proxy", "xxxxx@proxy"],
];
for (const [url, shown] of urls)
  t.test(`${url} is shown without its password`, async (t) => {
    t.equal(withoutPassword(url), shown);
  });

t.test("a proxy address that is none is refused without its password", async (t) => {
  const environment = { HTTPS_PROXY: "http://jim:s3cret@proxy:99999" };
  t.throws(() => proxyFor({ server: "https://api.example", proxyUrl: "" }, environment), {
    message: 'invalid proxy address "http://xxxxx@proxy:99999" in the environment',
  });
});
