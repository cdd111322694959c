import t from "tap";
import { inTime } from "../../../lib/cli/completion/in-time.ts";

const cases: { name: string; find: (began: () => void) => Promise<string>; want: string | undefined }[] = [
  { name: "an answer is the answer", find: async () => "found", want: "found" },
  { name: "a failure is none", find: async () => Promise.reject(new Error("no")), want: undefined },
  {
    name: "what is late is none",
    find(began) {
      began();
      began();
      return new Promise(() => {});
    },
    want: undefined,
  },
];
for (const { name, find, want } of cases)
  t.test(`${name}, and what is under way is ended`, async (t) => {
    const ending = new AbortController();
    t.equal(await inTime(find, ending), want);
    t.ok(ending.signal.aborted);
  });
