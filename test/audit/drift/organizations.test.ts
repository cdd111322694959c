import t from "tap";
import { directory } from "../../../lib/access/organizations/directory.ts";
import { organizationDrift } from "../../../lib/audit/drift/organizations.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const organization = (name: string, spec: object): KubernetesObject => ({
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: { name },
  spec,
});
const acme = (spec: object) => [organization("acme", spec)];
const web = (team: object) => acme({ teams: [{ name: "web", ...team }] });

const cases: [
  name: string,
  declared: KubernetesObject[],
  there: KubernetesObject[],
  message: string | undefined,
  commands: string[],
][] = [
  ["the same", web({ members: ["jim"] }), web({ members: ["user:jim"], description: "other" }), undefined, []],
  [
    "somebody added to a team",
    web({ members: ["jim"] }),
    web({ members: ["jim", "mallory"] }),
    "spec.teams[web].members has mallory",
    ["kubectl mirrord grant team remove acme/web mallory --context c"],
  ],
  [
    "somebody missing, and a group",
    acme({ members: ["jim"], groups: ["oidc:a b"] }),
    acme({}),
    "spec.members lacks group:oidc:a b, jim",
    ["kubectl mirrord grant org add acme 'group:oidc:a b' jim --context c"],
  ],
  [
    "a team that is not there",
    web({ members: ["jim"] }),
    acme({}),
    "spec.teams lacks web; spec.teams[web].members lacks jim",
    [
      "kubectl mirrord grant team create acme/web --context c",
      "kubectl mirrord grant team add acme/web jim --context c",
    ],
  ],
  [
    "an empty team that is not there",
    web({}),
    acme({}),
    "spec.teams lacks web",
    ["kubectl mirrord grant team create acme/web --context c"],
  ],
  [
    "a team that nothing declares",
    acme({}),
    web({ members: ["jim"] }),
    "spec.teams has web; spec.teams[web].members has jim",
    ["kubectl mirrord grant team delete acme/web --context c"],
  ],
  [
    "an organization that is not there",
    acme({}),
    [],
    "It is not there",
    ["kubectl mirrord grant org create acme --context c"],
  ],
  [
    "an organization that nothing declares",
    [],
    acme({ members: ["jim"] }),
    "Nothing declares it",
    ["kubectl mirrord grant org delete acme --context c"],
  ],
];
for (const [name, declared, there, message, commands] of cases)
  t.test(name, async (t) => {
    const [item, ...more] = organizationDrift(directory(declared), directory(there), ["--context", "c"]);
    t.same(more, []);
    t.equal(item?.message, message);
    t.same(item?.commands ?? [], commands);
    if (item === undefined) return;
    t.match(item, {
      rule: "drift-organization",
      subject: { kind: "Organization", name: "acme" },
      fix: /^Run: kubectl/,
    });
  });
