import t from "tap";
import {
  bareId,
  decimalName,
  deletionNames,
  findById,
  findSessions,
  idNumbers,
} from "../../../lib/mirrord/session/session-id.ts";
import { sessionOfEntry } from "../../../lib/mirrord/session/session.ts";

const sessions = [
  { id: "487F4F2B6D2376AD" },
  { id: "AB12" },
  { id: "1234" },
  { id: "mc-487f4f2b6d2376ad" },
  { id: "" },
];

const found: { typed: string; want: string[]; why: string }[] = [
  { typed: "487F4F2B6D2376AD", want: ["487F4F2B6D2376AD"], why: "as listed" },
  { typed: "487f4f2b6d2376ad", want: ["487F4F2B6D2376AD"], why: "in lower case" },
  { typed: "5223981140706293421", want: ["487F4F2B6D2376AD"], why: "in decimal" },
  { typed: "43794", want: ["AB12"], why: "in decimal" },
  { typed: "00AB12", want: ["AB12"], why: "with leading zeros" },
  { typed: "1234", want: ["1234"], why: "what is listed so comes before what is so in decimal" },
  { typed: "4660", want: ["1234"], why: "in decimal" },
  { typed: "mc-487f4f2b6d2376ad", want: ["mc-487f4f2b6d2376ad"], why: "over several clusters" },
  { typed: "MC-487F4F2B6D2376AD", want: ["mc-487f4f2b6d2376ad"], why: "over several clusters" },
  { typed: "session.operator.metalbear.co/AB12", want: ["AB12"], why: "as -o name prints it" },
  { typed: "session/AB12", want: ["AB12"], why: "in short" },
  { typed: "sessions/AB12", want: ["AB12"], why: "in short" },
  { typed: "AB", want: [], why: "a beginning is no id" },
  { typed: "", want: [], why: "nothing is nobody's id" },
  { typed: "session/", want: [], why: "nothing is nobody's id" },
  { typed: "340282366920938463463374607431768211455", want: [], why: "larger than any" },
  { typed: "18446744073709551616", want: [], why: "just too large" },
  { typed: "inactive", want: [], why: "no pseudo-name" },
];

for (const { typed, want, why } of found)
  t.test(`${JSON.stringify(typed)} finds ${want.join() || "nothing"}: ${why}`, async (t) => {
    t.same(
      findById(sessions, typed).map(({ id }) => id),
      want,
    );
  });

t.test("an id that is listed twice is found twice", async (t) => {
  t.equal(findById([{ id: "AB" }, { id: "ab" }], "AB").length, 2);
});

const names: { id: string; others: string[]; want: string[]; why: string }[] = [
  { id: "AB12", others: ["FF"], want: ["AB12", "43794"], why: "as listed, and in decimal" },
  {
    id: "487F4F2B6D2376AD",
    others: [],
    want: ["487F4F2B6D2376AD", "5223981140706293421"],
    why: "as listed, and in decimal",
  },
  { id: "mc-ab12", others: [], want: ["mc-ab12"], why: "has no number" },
  { id: "1234", others: ["4D2"], want: ["4660"], why: "1234 in decimal is the other one" },
  { id: "1234", others: ["4660"], want: ["1234"], why: "4660 in hexadecimal is the other one" },
  { id: "1234", others: ["4D2", "4660"], want: [], why: "both would hit another one" },
  { id: "AB12", others: ["AB12", "ab12"], want: ["AB12", "43794"], why: "it is not in its own way" },
  { id: "5", others: ["mc-5", ""], want: ["5"], why: "both spellings are one" },
  { id: "mc-copy-1.a", others: [], want: ["mc-copy-1.a"], why: "has no number" },
  { id: "", others: [], want: [], why: "nothing would be all of them" },
  { id: "inactive", others: [], want: [], why: "that is the operator's word for several" },
  { id: "..", others: [], want: [], why: "a path is no name" },
  { id: "a/b", others: [], want: [], why: "a path is no name" },
];

for (const { id, others, want, why } of names)
  t.test(`${id} beside ${others.join() || "nothing"} ends as ${want.join() || "nothing"}: ${why}`, async (t) => {
    t.same(deletionNames(id, idNumbers([id, ...others])), want);
  });

t.test("the spellings of one id", async (t) => {
  t.equal(decimalName("FFFFFFFFFFFFFFFF"), "18446744073709551615");
  t.equal(decimalName("mc-1"), undefined);
  t.equal(decimalName("10000000000000000"), undefined);
  t.equal(bareId("AB"), "AB");
});

const listed = [
  ["AB12", "dev"],
  ["AB34", "dev"],
  ["AB56", "qa"],
  ["AB78", "qa"],
  ["CD", "qa"],
  ["CD", "qa"],
].map(([id = "", namespace = ""]) => ({ ...sessionOfEntry({ id, user: "jim", target: "deployment/web" }), namespace }));

const chosen: { ids: string[]; namespace?: string; want: string[]; missing: RegExp[] }[] = [
  { ids: ["AB12", "ab12", "session/AB34"], want: ["AB12", "AB34"], missing: [] },
  { ids: ["AB12"], namespace: "dev", want: ["AB12"], missing: [] },
  { ids: ["AB12"], namespace: "qa", want: [], missing: [/"AB12" is in namespace "dev", not in "qa"/] },
  { ids: ["AB"], want: [], missing: [/"AB" not found; it begins 4 ids/] },
  { ids: ["AB1", "X"], want: [], missing: [/"AB1" not found; it begins AB12/, /"X" not found$/] },
];
for (const { ids, namespace, want, missing } of chosen)
  t.test(`${ids.join(" ")} in ${namespace ?? "any namespace"}`, async (t) => {
    const choice = findSessions(listed, ids, namespace);
    t.same(
      choice.sessions.map(({ id }) => id),
      want,
    );
    t.match(
      choice.missing.map(({ reason }) => reason),
      missing,
    );
  });

t.test("an id that the operator lists twice means no session", async (t) => {
  t.throws(() => findSessions(listed, ["CD"], undefined), /two sessions with the id "CD"/);
});
