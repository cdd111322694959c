import t from "tap";
import type { Machine } from "../../../lib/kube/config/files.ts";
import { resolveConnection } from "../../../lib/kube/config/kubeconfig.ts";
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

t.test("so is one with a user that is not UTF-8, before anybody is called", async (t) => {
  const proxyUrl = "http://jim:s3cret%E0@proxy:3128";
  const message =
    'invalid proxy address "http://xxxxx@proxy:3128/": its user or password is not UTF-8 behind the escapes';
  t.throws(() => proxyFor({ server: "https://api.example", proxyUrl }, {}), { kind: "usage", message });
  const environment = { HTTPS_PROXY: proxyUrl };
  t.throws(() => proxyFor({ server: "https://api.example", proxyUrl: "" }, environment), { kind: "usage", message });
});

t.test("so is a server's address that is none", async (t) => {
  const machine: Machine = { env: {}, platform: "linux", cwd: "/", readFile };
  t.throws(() => resolveConnection({ server: "https://jim:s3cret@:1x", kubeconfig: "/x" }, machine), {
    message: 'host must be a URL or a host:port pair: "https://xxxxx@:1x"',
  });
});

const readFile = (): string => "apiVersion: v1\nkind: Config\n";
