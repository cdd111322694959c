import t from "tap";
import {
  isMoving,
  isSettled,
  movingTo,
  planMoved,
  planBeginning,
  planMoving,
  planSettled,
  planStaying,
  refuseBeginning,
  refuseMoving,
  refuseRenamed,
  sharedPlace,
} from "../../../lib/access/organizations/moving.ts";
import { MOVING_ANNOTATION } from "../../../lib/access/names.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";
import { shownPlan } from "../shown-plan.ts";

const acme = (note?: string): KubernetesObject => ({
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: {
    name: "acme",
    resourceVersion: "7",
    ...(note === undefined ? {} : { annotations: { [MOVING_ANNOTATION]: note } }),
  },
  spec: { teams: [{ name: "web", members: ["ann"] }, { name: "cart" }] },
});

const [whole, web] = [{ organization: "acme" }, { organization: "acme", team: "web" }];
const begin = (object: KubernetesObject, ...where: [string | undefined, string]) =>
  planBeginning([object], object, ...where);

const notes: [what: string, note: string | undefined, to: string | undefined][] = [
  ["none", undefined, undefined],
  ["one of the team", '{"web":"beta"}', "beta"],
  ["one past the point from which its own grants go", '{"web":{"to":"beta","settled":true}}', "beta"],
  ["one of another team", '{"cart":"beta"}', undefined],
  ["no JSON", "{", undefined],
  ["another kind of JSON", '["web"]', undefined],
  ["no name", '{"web":3}', undefined],
  ["no name in an object", '{"web":{"settled":true}}', undefined],
];
for (const [what, note, to] of notes) {
  t.test(`where a team is being moved to, by its note: ${what}`, async (t) => {
    t.equal(movingTo(acme(note), "web"), to);
    t.same(sharedPlace([acme(note)], "acme/web"), { moving: to && { name: "acme/web", to } });
    if (to === undefined) t.doesNotThrow(() => refuseMoving([acme(note)], web));
    else t.throws(() => refuseMoving([acme(note)], web), { message: `team acme/web is being moved to ${to}` });
  });
}

t.test("a note about a team that is not there says nothing", async (t) => {
  t.equal(movingTo(acme('{"ops":"beta"}'), "ops"), undefined);
  t.doesNotThrow(() => refuseMoving([acme('{"ops":"beta"}')], whole));
  t.equal(sharedPlace([acme()], "acme/ops"), undefined);
  t.equal(sharedPlace([acme()], "beta/web"), undefined);
});

const settled: [
  what: string,
  objects: KubernetesObject[],
  place: { organization: string; team?: string },
  is: boolean,
][] = [
  ["a team that stays", [acme()], web, false],
  ["a move that has begun", [acme('{"web":"beta"}')], web, false],
  ["one whose grants are there under the new name", [acme('{"web":{"to":"beta","settled":true}}')], web, true],
  ["the same of another team", [acme('{"cart":{"to":"beta","settled":true}}')], web, false],
  ["an organization's", [acme('{"":{"to":"apex","settled":true}}')], whole, true],
  ["a team that has gone", [acme()], { organization: "acme", team: "ops" }, true],
  ["an organization that has gone", [acme()], { organization: "beta" }, true],
];
for (const [what, objects, place, is] of settled)
  t.test(`whether a move takes its own grants: ${what}`, async (t) => t.equal(isSettled(objects, place), is));

t.test("an organization that is being moved takes all of its teams along", async (t) => {
  const renamed = acme('{"":"apex"}');
  t.equal(movingTo(renamed), "apex");
  t.equal(movingTo(renamed, "web"), undefined, "not by itself");
  t.same(sharedPlace([renamed], "acme"), { moving: { name: "acme", to: "apex" } });
  t.same(sharedPlace([renamed], "acme/web"), { moving: { name: "acme", to: "apex" } });
  t.equal(sharedPlace([renamed], "beta"), undefined);
  const message = "organization acme is being moved to apex";
  t.throws(() => refuseRenamed([renamed], "acme"), { message });
  t.throws(() => refuseMoving([renamed], whole), { message });
  t.throws(() => refuseMoving([renamed], web), { message });
  t.doesNotThrow(() => refuseRenamed([acme('{"web":"beta"}')], "acme"), "one of its teams alone");
  t.same(isMoving("acme", "apex").hints, [
    "If nobody is at it, finish it: kubectl mirrord grant org move --cascade acme apex",
    "Or leave the organization where it is: kubectl mirrord grant org move acme acme",
  ]);
});

t.test("an organization is refused for any of its teams", async (t) => {
  t.throws(() => refuseMoving([acme('{"cart":"beta"}')], whole), { message: "team acme/cart is being moved to beta" });
});

const named = (name: string): KubernetesObject => ({ ...acme(), metadata: { name } });
const noteOf = (name: string) => ({ metadata: { name, annotations: { [MOVING_ANNOTATION]: '{"":"corp"}' } } });
const arriving: [what: string, refused: () => void, message: string | undefined][] = [
  [
    "a team where it arrives",
    () => refuseMoving([acme('{"web":"beta"}'), named("beta")], { organization: "beta", team: "web" }),
    "team acme/web is being moved to beta",
  ],
  [
    "the organization where it arrives",
    () => refuseMoving([acme('{"web":"beta"}'), named("beta")], { organization: "beta" }),
    "team acme/web is being moved to beta",
  ],
  [
    "another team there",
    () => refuseMoving([acme('{"web":"beta"}'), named("beta")], { organization: "beta", team: "cart" }),
    undefined,
  ],
  [
    "the organization there, which stays",
    () => refuseRenamed([acme('{"web":"beta"}'), named("beta")], "beta"),
    undefined,
  ],
  [
    "what an organization becomes",
    () => refuseRenamed([acme('{"":"apex"}'), named("apex")], "apex"),
    "organization acme is being moved to apex",
  ],
  [
    "a team of it",
    () => refuseMoving([acme('{"":"apex"}'), named("apex")], { organization: "apex", team: "web" }),
    "organization acme is being moved to apex",
  ],
  ["the move itself", () => refuseBeginning([acme('{"web":"beta"}'), named("beta")], web, "beta"), undefined],
  [
    "the move itself, beside another that began since",
    () => refuseBeginning([acme('{"web":"beta"}'), { ...named("beta"), ...noteOf("beta") }], web, "beta"),
    undefined,
  ],
  [
    "the move itself, when it begins beside another",
    () => planBeginning([{ ...named("beta"), ...noteOf("beta") }], acme('{"web":"beta"}'), "web", "beta"),
    "organization beta is being moved to corp",
  ],
  [
    "a move that has not begun",
    () => refuseBeginning([acme('{"cart":"beta"}'), { ...named("beta"), ...noteOf("beta") }], web, "beta"),
    "organization beta is being moved to corp",
  ],
  [
    "a move on of what has not arrived",
    () => planBeginning([acme('{"web":"beta"}'), named("beta")], named("beta"), "web", "corp"),
    "team acme/web is being moved to beta",
  ],
  [
    "a move to where another of this name arrives",
    () => planBeginning([acme('{"web":"beta"}'), named("corp")], named("corp"), "web", "beta"),
    "team acme/web is being moved to beta",
  ],
];
for (const [what, refused, message] of arriving) {
  t.test(
    `while something is moved, ${message === undefined ? "nobody refuses" : "this is refused"}: ${what}`,
    async (t) => {
      if (message === undefined) t.doesNotThrow(refused);
      else t.throws(refused, { message });
    },
  );
}

t.test("the refusal names the command that finishes the move, and the one that gives it up", async (t) => {
  t.same(isMoving("acme/web", "beta").hints, [
    "If nobody is at it, finish it: kubectl mirrord grant team move --cascade acme/web beta",
    "Or leave the team where it is: kubectl mirrord grant team move acme/web acme",
  ]);
});

const steps: [what: string, step: () => { action: string; patch?: unknown }, action: string, metadata?: object][] = [
  [
    "a move is noted for the version that was read",
    () => planMoving(acme(), "web", "beta"),
    "update",
    noted('{"web":"beta"}'),
  ],
  [
    "beside another",
    () => planMoving(acme('{"cart":"zeta"}'), "web", "beta"),
    "update",
    noted('{"cart":"zeta","web":"beta"}'),
  ],
  ["once", () => planMoving(acme('{"web":"beta"}'), "web", "beta"), "unchanged"],
  ["the organization itself", () => planMoving(acme(), undefined, "apex"), "update", noted('{"":"apex"}')],
  ["the organization once", () => planMoving(acme('{"":"apex"}'), undefined, "apex"), "unchanged"],
  ["the organization stays", () => planMoving(acme('{"":"apex"}'), undefined, undefined), "update", noted(null)],
  ["the note goes", () => planMoving(acme('{"web":"beta"}'), "web", undefined), "update", noted(null)],
  [
    "what was granted is there",
    () => planSettled(acme('{"cart":"zeta","web":"beta"}'), "web"),
    "update",
    noted('{"cart":"zeta","web":{"to":"beta","settled":true}}'),
  ],
  ["that is said once", () => planSettled(acme('{"web":{"to":"beta","settled":true}}'), "web"), "unchanged"],
  [
    "of an organization",
    () => planSettled(acme('{"":"apex"}'), undefined),
    "update",
    noted('{"":{"to":"apex","settled":true}}'),
  ],
  ["and of no move that is not under way", () => planSettled(acme(), "web"), "unchanged"],
  [
    "one that has come so far is not begun anew",
    () => planMoving(acme('{"web":{"to":"beta","settled":true}}'), "web", "beta"),
    "unchanged",
  ],
  ["where there is none nothing changes", () => planMoving(acme(), "web", undefined), "unchanged"],
  [
    "it goes with the team",
    () => planMoved(acme('{"cart":"zeta","web":"beta"}'), "web"),
    "update",
    noted('{"cart":"zeta"}'),
  ],
  ["a team without a note just goes", () => planMoved(acme(), "web"), "update", { resourceVersion: "7" }],
];
for (const [what, step, action, metadata] of steps) {
  t.test(what, async (t) => {
    const change = step();
    t.equal(change.action, action);
    t.same((change.patch as { metadata?: object } | undefined)?.metadata, metadata);
  });
}

function noted(note: string | null): object {
  return { resourceVersion: "7", annotations: { [MOVING_ANNOTATION]: note } };
}

t.test(
  "a move begins where no other is under way, and ends where it began while nothing has been copied",
  async (t) => {
    t.match(begin(acme(), "web", "beta"), { action: "update" });
    t.match(begin(acme('{"web":"beta"}'), "web", "beta"), { action: "unchanged" }, "the same is finished");
    t.throws(() => begin(acme('{"web":"zeta"}'), "web", "beta"), { message: /being moved to zeta/ });
    t.throws(() => begin(acme('{"web":"beta"}'), undefined, "apex"), { message: /acme\/web is being moved/ });

    const [one, all] = [acme('{"web":"beta"}'), acme('{"":"apex"}')];
    t.match(planStaying([one], one, "web"), { action: "update" });
    t.match(planStaying([all, named("beta")], all, undefined), { action: "update" }, "another organization");
    t.throws(() => planStaying([one, named("beta")], one, "web"), { message: "team acme/web is being moved to beta" });
    t.throws(() => planStaying([all, named("apex")], all, undefined), { message: /^organization acme is being/ });
  },
);

for (const [what, step] of steps) {
  t.test(`${what}: the whole step`, async (t) => saysKept(t, import.meta.filename, what, () => shownPlan(step())));
}

const inFolder = (note?: string): KubernetesObject => {
  const { resourceVersion: _none, ...metadata } = acme(note).metadata;
  return { ...acme(note), metadata };
};
const said: Record<string, () => unknown> = {
  "a move in a folder": () => planMoving(inFolder(), "web", "beta"),
  "the end of a move in a folder": () => planMoved(inFolder('{"web":"beta"}'), "web"),
  "a team that moves": () => refuseMoving([acme('{"web":"beta"}')], web),
  "an organization that moves": () => refuseRenamed([acme('{"":"apex"}')], "acme"),
  "an organization one of whose teams moves": () => refuseMoving([acme('{"cart":"beta"}')], whole),
  "an organization without a name": () =>
    refuseRenamed([{ ...acme(), metadata: { annotations: { [MOVING_ANNOTATION]: '{"":"x"}' } } }], ""),
  "a second move of a team": () => begin(acme('{"web":"zeta"}'), "web", "beta"),
  "a move of a team that has been copied": () => {
    const one = acme('{"web":"beta"}');
    return planStaying([one, { ...acme(), metadata: { name: "beta" } }], one, "web");
  },
  "a move of an organization that has been copied": () => {
    const all = acme('{"":"apex"}');
    return planStaying([all, { ...acme(), metadata: { name: "apex" } }], all, undefined);
  },
};
for (const [name, step] of Object.entries(said)) {
  t.test(`what is planned or said of ${name}`, async (t) =>
    saysKept(t, import.meta.filename, name, () => shownPlan(step())),
  );
}
