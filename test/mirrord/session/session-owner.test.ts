import t from "tap";
import { steps } from "../../steps.ts";
import { isOwnedBy, ownerFrom, possibleUsers } from "../../../lib/mirrord/session/session-owner.ts";

const readings: { user: string; want: object }[] = [
  { user: "Jim Raynor/jim@laptop", want: { name: "Jim Raynor", kubernetesUser: "jim", host: "laptop" } },
  { user: "Jim/jim@acme.example@laptop", want: { name: "Jim", kubernetesUser: "jim@acme.example", host: "laptop" } },
  {
    user: "ci/system:serviceaccount:ci:runner@build-7",
    want: { name: "ci", kubernetesUser: "system:serviceaccount:ci:runner", host: "build-7" },
  },
  {
    user: "ec2/arn:aws:iam::1:role/dev/jim@host",
    want: { name: "ec2", kubernetesUser: "arn:aws:iam::1:role/dev/jim", host: "host" },
  },
  { user: "/jim@laptop", want: { kubernetesUser: "jim", host: "laptop" } },
  { user: "jim/@laptop", want: { name: "jim", host: "laptop" } },
  { user: "jim", want: { name: "jim" } },
  { user: "jim@laptop", want: { name: "jim@laptop" } },
  { user: "a@b/c", want: { name: "a@b/c" } },
  { user: "", want: {} },
  { user: "\u001b[31m/\u202ejim@h\u0000", want: { name: "\u001b[31m", kubernetesUser: "\u202ejim", host: "h\u0000" } },
];

for (const { user, want } of readings)
  t.test(`the usual reading of ${JSON.stringify(user)}`, async (t) => t.same(ownerFrom(user), want));

const of = (user: string) => ({ user, owner: ownerFrom(user) });

const owned: { user: string; wanted: string; want: "yes" | "no" | "maybe"; why: string }[] = [
  { user: "Jim/jim@h", wanted: "jim", want: "yes", why: "the usual reading" },
  { user: "Jim/jim@acme@h", wanted: "jim@acme", want: "yes", why: "the usual reading with an e-mail address" },
  { user: "Jim/jim@acme@h", wanted: "jim", want: "maybe", why: "the host may hold the @" },
  { user: "a/b/jim@h", wanted: "jim", want: "maybe", why: "the name may hold the /" },
  { user: "x/eve@a@b", wanted: "eve", want: "maybe", why: "nobody hides by a host name with an @" },
  { user: "x/y/eve@a@b", wanted: "eve", want: "maybe", why: "nor by both at once" },
  { user: "eve/jimmy@h", wanted: "jim", want: "no", why: "a part of a name is another name" },
  { user: "jim/eve@h", wanted: "jim", want: "no", why: "the real name is not the user" },
  { user: "eve/eve@jim", wanted: "jim", want: "no", why: "nor is the host" },
  { user: "jim", wanted: "jim", want: "no", why: "a text without the parts names no user" },
];

for (const { user, wanted, want, why } of owned)
  t.test(`is ${user} of ${wanted}? ${want}: ${why}`, async (t) => t.equal(isOwnedBy(of(user), wanted), want));

t.test("parts that came one by one leave no doubt", async (t) => {
  const session = { user: "x/jim@a@h", owner: { kubernetesUser: "jim@a", certain: true as const } };
  t.equal(isOwnedBy(session, "jim@a"), "yes");
  t.equal(isOwnedBy(session, "jim"), "no");
  t.same(possibleUsers(session), ["jim@a"]);
});

t.test("every user that a text may mean, the usual one first", async (t) => {
  t.same(possibleUsers(of("Jim/jim@h")), ["jim"]);
  t.same(possibleUsers(of("Jim/jim@acme@h")), ["jim@acme", "jim"]);
  t.same(possibleUsers(of("a/b/jim@h")), ["b/jim", "jim"]);
  t.equal(possibleUsers(of("nobody")), undefined);
  t.equal(possibleUsers(of("")), undefined);
});

t.test("a text that was made to be read in very many ways is not read, whatever its length", async (t) => {
  const made = (marks: number) => of(`${"/".repeat(marks)}${"@".repeat(marks)}x`);
  t.equal(possibleUsers(made(50_000)), undefined);
  const module = import.meta.resolve("../../../lib/mirrord/session/session-owner.ts");
  const [short, long] = [
    await steps(module, "possibleUsers", made(1000)),
    await steps(module, "possibleUsers", made(50_000)),
  ];
  t.equal(long, short, "steps");
});
