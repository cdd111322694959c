import t from "tap";
import { outlineGrant } from "../../lib/access/outline.ts";
import { accessPlaces, accessRequests, attributeUse, type AccessPlace } from "../../lib/access/session-access.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { intentWith } from "./grant.ts";

const web = { kind: "deployment", name: "web" } as const;
const db = { kind: "statefulset", name: "db" } as const;
const everywhere = { kind: "all" } as const;

const places: { name: string; intent: Partial<Intent>; want: AccessPlace[] }[] = [
  {
    name: "in each namespace where it holds today",
    intent: {},
    want: [
      { namespace: "dev", view: false },
      { namespace: "qa", view: false },
    ],
  },
  { name: "everywhere", intent: { set: everywhere }, want: [{ namespace: "", view: false }] },
  {
    name: "only to look",
    intent: { role: "view" },
    want: [
      { namespace: "dev", view: true },
      { namespace: "qa", view: true },
    ],
  },
  {
    name: "for each target in each namespace",
    intent: { targets: ["deployment/web", "statefulset/db"] },
    want: ["dev", "qa"].flatMap((namespace) => [web, db].map((target) => ({ namespace, target, view: false }))),
  },
  {
    name: "an exemption in namespaces",
    intent: { role: "privileged/hostPID,hostPath" },
    want: ["dev", "qa"].map((namespace) => ({ namespace, exempted: ["hostPID", "hostPath"] })),
  },
  {
    name: "an exemption everywhere",
    intent: { role: "privileged/hostPID", set: everywhere },
    want: [{ namespace: "", exempted: ["hostPID"] }],
  },
];
for (const { name, intent, want } of places) {
  t.test(`where a grant gives access: ${name}`, async (t) => {
    t.same(accessPlaces(outlineGrant(intentWith(intent)), ["dev", "qa"]), want);
  });
}

/** `VERB RESOURCE NAMESPACE NAME` of each request. */
const asked = (place: AccessPlace) =>
  accessRequests(place).map(({ attributes }) => {
    if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
    const { verb, resource, namespace = "-", name = "-" } = attributes;
    return `${verb} ${resource} ${namespace} ${name}`;
  });

t.test(
  "without a target, what is asked in a namespace carries no name: only rights on all of them answer it",
  async (t) => {
    t.same(asked({ namespace: "dev" }), [
      "get mirrordoperators - operator",
      "create mirrordclusteroperatorusercredentials - -",
      "get deployments dev -",
      "list pods dev -",
      "proxy targets dev -",
      "get deployments dev -",
    ]);
  },
);

t.test("with a target, that target is asked about", async (t) => {
  t.same(asked({ namespace: "dev", target: db }), [
    "get mirrordoperators - operator",
    "create mirrordclusteroperatorusercredentials - -",
    "get statefulsets dev db",
    "list pods dev -",
    "proxy targets dev statefulset.db",
    "get statefulsets dev db",
  ]);
});

t.test("of a role that only looks, its lists are asked about", async (t) => {
  t.same(asked({ namespace: "dev", view: true }), ["get mirrordoperators - operator", "list sessions dev -"]);
});

t.test("of an exemption, the use of each attribute is asked about, and nothing of sessions", async (t) => {
  t.same(accessRequests({ namespace: "dev", view: true, exempted: ["hostPID", "localVolume"] }), [
    { attributes: attributeUse("hostPID", "dev") },
    { attributes: attributeUse("localVolume", "dev") },
  ]);
  t.same(attributeUse("hostPID", "dev"), {
    verb: "use",
    apiGroup: "access.kubectl-mirrord.io",
    resource: "privilegedattributes",
    namespace: "dev",
    name: "hostPID",
  });
});
