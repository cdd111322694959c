import t from "tap";
import { schemaErrors } from "../commands/install/install-world.ts";
import { until } from "../until.ts";
import { startInstallationPlane } from "./installation.ts";

// `install verify` against a real API server: a policy counts as holding only when a real user's request was refused by it.

const cluster = await startInstallationPlane(t.testdir({}));
t.teardown(() => cluster.stop());
await cluster.install();

interface Finding {
  rule: string;
  severity: string;
  subject: { kind: string; name: string };
  message: string;
}

interface Document {
  items: Finding[];
  checked: { rights: number; policies: number; probes: number };
  skipped: string[];
}

async function verify(as = "admin"): Promise<{ code: number; document: Document; stdout: string }> {
  const { code, stdout, stderr } = await cluster.mirrord(as, "install", "verify", "-o", "json");
  if (stdout === "") throw new Error(stderr);
  return { code, document: JSON.parse(stdout) as Document, stdout };
}

const kubectl = async (...words: string[]) => {
  const { code, stderr } = await cluster.kubectl(undefined, ...words);
  if (code !== 0) throw new Error(stderr);
};
const patch = (kind: string, name: string, change: object) =>
  kubectl("patch", kind, name, "--type=merge", "-p", JSON.stringify(change));
const errors = ({ items }: Document) => items.filter(({ severity }) => severity === "error");

t.test("of a plain installation every right stands, and what hardens it is said", async (t) => {
  await until(
    "the API server's authorizer knows the roles",
    async () => errors((await verify()).document).length === 0,
  );
  const { code, document, stdout } = await verify();
  t.equal(code, 0);
  // The schema of a finding is the status's, and that of a way out of the cluster is --show-egress's.
  schemaErrors("install-status.json", stdout);
  schemaErrors("install-egress.json", stdout);
  t.equal(schemaErrors("install-verify.json", stdout), "No errors");
  t.same(document.items.map(({ rule }) => rule).toSorted(), [
    "agents-in-clear",
    "data-leaves",
    "data-leaves",
    "network-open",
    "operator-optional",
    "pod-security",
    "unverified-server",
  ]);
  t.ok(document.checked.rights > 140);
  t.match(document.checked, { policies: 0, probes: 1 });
});

t.test(
  "a right that a role gives and the API server refuses is found, and what the operator holds besides",
  async (t) => {
    await kubectl("delete", "rolebinding", "mirrord-operator", "-n", "mirrord");
    await kubectl(
      "create",
      "clusterrolebinding",
      "too-much",
      "--clusterrole=cluster-admin",
      "--serviceaccount=mirrord:mirrord-operator",
    );
    t.teardown(() => cluster.apply(...cluster.rendered().filter(({ kind }) => kind === "RoleBinding")));
    await until("the API server's authorizer knows", async () =>
      errors((await verify()).document).some(({ rule }) => rule === "right-too-many"),
    );
    const { code, document } = await verify();
    t.equal(code, 1);
    t.match(errors(document), [{ rule: "right-too-many", message: /It may impersonate users, escalate clusterroles/ }]);
    await kubectl("delete", "clusterrolebinding", "too-much");
    await until("the API server's authorizer knows again", async () =>
      errors((await verify()).document).every(({ rule }) => rule !== "right-too-many"),
    );
    t.match(errors((await verify()).document), [
      { rule: "right-refused", subject: { kind: "Role", name: "mirrord-operator" }, message: /may not get secrets/ },
    ]);
  },
);

t.test("an agent that the cluster refuses is found", async (t) => {
  const label = "pod-security.kubernetes.io/enforce";
  await kubectl("label", "namespace", "mirrord", `${label}=baseline`);
  t.teardown(() => cluster.kubectl(undefined, "label", "namespace", "mirrord", `${label}-`));
  const { document } = await verify();
  t.match(errors(document), [{ rule: "agent-refused", message: /violates PodSecurity "baseline/ }]);
});

t.test("secure defaults: where nobody could try, that is said, and what is stored is compared", async (t) => {
  const set = await cluster.mirrord("admin", "install", "--secure-defaults=enforce", "-y");
  t.equal(set.code, 0, set.stderr);
  const { code, document } = await verify();
  t.equal(code, 0);
  t.equal(document.checked.policies, 9);
  t.equal(document.checked.probes, 1, "the operator's agent");
  const untried = document.items.find(({ rule }) => rule === "policy-untried");
  t.match(untried?.message, /compared only; nobody could try/);
});

t.test("secure defaults: real users are refused by the policy itself, option by option", async (t) => {
  await kubectl("create", "rolebinding", "jim", "--clusterrole=edit", "--user=jim", "-n", "default");
  await until("the policies refuse jim", async () => {
    const { document } = await verify();
    return document.checked.probes === 22 && errors(document).length === 0;
  });
  const { document } = await verify();
  t.notMatch(
    document.items.map(({ rule }) => rule),
    ["operator-optional"],
  );
  const untried = document.items.filter(({ rule }) => rule === "policy-untried").map(({ message }) => message);
  t.notMatch(untried.join(" "), /defaults-(pods|workloads|cronjobs)\b/, "seven options of three shapes were tried");
});

t.test("a policy that was weakened is found by trying, and by comparing", async (t) => {
  const name = "kubectl-mirrord-defaults-pods";
  await patch("validatingadmissionpolicybinding", name, {
    spec: { matchResources: { namespaceSelector: { matchLabels: { never: "there" } } } },
  });
  await until("jim's pods are let through", async () =>
    errors((await verify()).document).some(({ rule }) => rule === "policy-admits"),
  );
  const { code, document } = await verify();
  t.equal(code, 1);
  const found = errors(document);
  t.equal(found.filter(({ rule }) => rule === "policy-admits").length, 7);
  t.match(
    found.find(({ rule }) => rule === "policy-changed"),
    { subject: { kind: "ValidatingAdmissionPolicyBinding", name }, message: /spec\.matchResources/ },
  );
  await patch("validatingadmissionpolicybinding", name, { spec: { matchResources: null } });
});

t.test("a policy that only warns, one that is gone and one that cannot be evaluated are found", async (t) => {
  const binding = "kubectl-mirrord-defaults-cronjobs";
  await patch("validatingadmissionpolicybinding", binding, { spec: { validationActions: ["Warn"] } });
  await kubectl("delete", "validatingadmissionpolicy", "kubectl-mirrord-defaults-guard-roles");
  await patch("validatingadmissionpolicy", "kubectl-mirrord-defaults-workloads", {
    spec: {
      // The API server checks types only where no version is a wildcard.
      matchConstraints: {
        resourceRules: [
          { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] },
        ],
      },
      validations: [{ expression: "object.spec.nothing == 1" }],
    },
  });
  await until("the API server has checked the types", async () =>
    errors((await verify()).document).some(({ rule }) => rule === "policy-unsound"),
  );
  const { document } = await verify();
  const found = document.items.map(
    ({ rule, subject }) => `${rule} ${subject.name.replace("kubectl-mirrord-defaults-", "")}`,
  );
  for (const want of [
    "policy-audits cronjobs",
    "policy-changed cronjobs",
    "policy-changed guard-roles",
    "policy-changed workloads",
    "policy-unsound workloads",
  ])
    t.ok(found.includes(want), `${want}: ${found.join("; ")}`);
});

t.test("somebody who may do nothing of it is told what was not asked, with exit code 3", async (t) => {
  const { code, document } = await verify("eve");
  t.equal(code, 3);
  t.same(errors(document), []);
  t.match(document.skipped, [
    /^you may not read /,
    /rights have no answer: could not be asked \(sar: you may not create subjectaccessreviews; /,
    /^no agent was tried: .*impersonate/,
  ]);
});
