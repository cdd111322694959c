import t from "tap";
import { goUrlFault } from "../../../lib/kube/config/go-url.ts";

const control = "net/url: invalid control character in URL";
const cases: [string, string | undefined][] = [
  ["https://10.0.0.1:6443/a%20b?x=%zz", undefined],
  ["https://10.0.0.1:6443\n", control],
  ["https://10.0.0.1\t:6443", control],
  ["https://10.0.0.1/\u007F", control],
  ["https://10.0.0.1/\u0085é", undefined],
  ["https://10.0.0.1/%zz", 'invalid URL escape "%zz"'],
  ["https://10.0.0.1/100%", 'invalid URL escape "%"'],
  ["https://10.0.0.1/%4\n", control],
];
for (const [url, fault] of cases) t.equal(goUrlFault(url), fault, JSON.stringify(url));
