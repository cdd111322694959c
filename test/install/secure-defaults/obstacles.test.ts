import t from "tap";
import { addOns } from "../../../lib/install/secure-defaults/add-ons.ts";
import {
  addOnQuestions,
  addOnStands,
  notExempt,
  obstacles,
  operatorQuestions,
  type Confirmed,
  type EnforcementFacts,
} from "../../../lib/install/secure-defaults/obstacles.ts";
import type { Offender } from "../../../lib/install/secure-defaults/offenders.ts";
import { privilegedAttributes } from "../../../lib/access/privileged-options.ts";
import type { Answer } from "../../../lib/kubernetes/access.ts";
import { saysKept } from "../../kept-text.ts";

const longhorn = addOns.filter(({ name }) => name === "longhorn");
const made = (namespace: string, name = "pod"): Offender => ({
  kind: "Pod",
  namespace,
  name,
  attributes: ["privileged"],
  paths: [],
  owner: "Engine/e",
  managers: [],
  byAddOn: true,
});

const nothing: EnforcementFacts = { caller: ["yes", "no"], addOns: [], offenders: [] };
const confirmed: Confirmed = { administrators: false, exempt: [], leave: [] };

const cases: { name: string; facts?: Partial<EnforcementFacts>; said?: Partial<Confirmed>; want: RegExp[] }[] = [
  { name: "nothing stands against it", want: [] },
  { name: "a right to everything makes an administrator too", facts: { caller: ["no", "yes"] }, want: [] },
  {
    name: "the caller would be refused",
    facts: { caller: ["no", "no"] },
    want: [/nothing here makes you an administrator/],
  },
  { name: "but names who is", facts: { caller: ["no", "no"] }, said: { administrators: true }, want: [] },
  { name: "silence makes nobody an administrator", facts: { caller: ["unknown", "no"] }, want: [/administrator/] },
  {
    name: "an add-on that is not exempt",
    facts: { addOns: longhorn },
    want: [/longhorn would stop: .*longhorn-system/],
  },
  { name: "one that becomes exempt", facts: { addOns: longhorn }, said: { exempt: ["longhorn"] }, want: [] },
  { name: "one that may stop", facts: { addOns: longhorn }, said: { leave: ["longhorn"] }, want: [] },
  {
    name: "pods of a controller that nobody knows, counted",
    facts: { offenders: ["a", "b", "c", "d"].map((name) => made("storage", name)) },
    want: [
      /in storage could not be made again: pod\/a of Engine\/e, pod\/b of Engine\/e, pod\/c of Engine\/e and 1 more/,
    ],
  },
  { name: "whose namespace is named", facts: { offenders: [made("storage")] }, said: { leave: ["storage"] }, want: [] },
  {
    name: "an add-on's own pods are said once",
    facts: { addOns: longhorn, offenders: [made("longhorn-system")] },
    want: [/longhorn would stop/],
  },
  { name: "what people made goes on", facts: { offenders: [{ ...made("dev"), byAddOn: false }] }, want: [] },
];
for (const { name, facts = {}, said = {}, want } of cases)
  t.test(name, async (t) => {
    const found = obstacles({ ...nothing, ...facts }, { ...confirmed, ...said });
    t.equal(found.length, want.length);
    t.match(
      found.map(({ text }) => text),
      want,
    );
    saysKept(t, import.meta.filename, name, () => found);
    for (const { hint } of found) t.match(hint, /--(admin|exempt|leave)/, "a flag says what is meant");
  });

t.test("the operator is asked about by each option, and by the name that no exemption gives", async (t) => {
  const questions = operatorQuestions({ namespace: "mirrord", name: "o", ephemeralAgents: false });
  t.equal(questions.length, 8);
  const answers = (last: Answer, first: Answer = "yes") => [first, ...Array<Answer>(6).fill("yes"), last];
  t.same(notExempt(answers("no")), []);
  t.same(notExempt(answers("no", "unknown")), ["hostIPC"]);
  t.same(notExempt(answers("yes")), ["*"], "a wildcard makes it void");
});

t.test("an add-on stands where it is an administrator, or exempt everywhere it makes pods", async (t) => {
  const [addOn] = longhorn;
  if (addOn === undefined) throw new Error("longhorn is in the table");
  const length = addOnQuestions(addOn).length;
  const exempt = [...Array<Answer>(length - 1).fill("yes"), "no" as const];
  t.equal(addOnStands(addOn, ["no", "yes"], []), true);
  t.equal(addOnStands(addOn, ["no", "no"], exempt), true);
  t.equal(addOnStands(addOn, ["no", "no"], ["no", ...exempt.slice(1)]), false);
  t.equal(addOnStands(addOn, ["no", "no"], [...exempt.slice(0, -1), "yes"]), false, "a wildcard is no exemption");
});

t.test("the table of add-ons has no name twice, and local volumes nowhere but everywhere", async (t) => {
  t.equal(new Set(addOns.map(({ name }) => name)).size, addOns.length);
  for (const { name, namespaces, attributes } of addOns) {
    t.ok(
      attributes.every((attribute) => privilegedAttributes.includes(attribute)),
      name,
    );
    if (attributes.includes("localVolume")) t.same(namespaces, ["*"], name);
  }
});

t.test("an add-on is asked about where it makes pods, or in all namespaces at once", async (t) => {
  const account = { namespace: "home", name: "maker" };
  const places = (namespaces: string[]) =>
    addOnQuestions({ name: "disks", account, namespaces, attributes: ["hostPath"] }).map((question) =>
      "namespace" in question ? [question.namespace, question.verb] : [],
    );
  t.same(places(["*"]), [
    ["", "use"],
    ["", "use"],
  ]);
  t.same(places(["home", "other"]), [
    ["home", "use"],
    ["home", "use"],
    ["other", "use"],
    ["other", "use"],
  ]);
});
