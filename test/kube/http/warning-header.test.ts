import t from "tap";
import { parseWarnings } from "../../../lib/kube/http/warning-header.ts";

const cases: { header: string; want: string[] }[] = [
  { header: '299 - "text"', want: ["text"] },
  { header: '299 kube-apiserver "a, b", 299 - "c"', want: ["a, b", "c"] },
  { header: '299 - "say \\"hi\\" \\\\ "', want: ['say "hi" \\ '] },
  { header: '299 - "old" "Sat, 25 Aug 2012 23:34:45 GMT", 299 - "new"', want: ["old", "new"] },
  { header: '110 - "stale", 299 - "mine"', want: ["mine"] },
  { header: '299 - "cut', want: [] },
  { header: "nonsense", want: [] },
  { header: "", want: [] },
];
for (const { header, want } of cases) t.test(header, async (t) => t.same(parseWarnings(header), want));
