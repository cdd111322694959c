import t from "tap";
import { harmful } from "../commands/session-cluster.ts";
import { until } from "../until.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startExampleCluster, type CommandResult } from "./example-cluster.ts";

// Sessions of the operator stand-in behind a real API server: who may see them, who may end them, and what is seen of an
// operator that is old, down, slow or broken.

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { control } = cluster.operator;

const session = (as: string, ...words: string[]): Promise<CommandResult> =>
  cluster.kubectl(as, "mirrord", "session", ...words);
const live = (): string[] => cluster.operator.sessions().map(({ id }) => id);
const add = (user: string, namespace = "dev", target = "deployment.web") =>
  control.addSession({ namespace, target, user });

t.afterEach(async () => {
  control.recover();
  control.set({ legacy: false });
  if (live().length > 0) await session("admin", "kill", "--all", "--yes");
});

t.test("who may list sees them by the sessions API; who may not list there, by the operator's status", async (t) => {
  const id = add("jim");
  const granted = await cluster.kubectl("admin", "mirrord", "grant", "dave", "--ns", "qa", "--role", "view");
  t.equal(granted.code, 0, granted.stderr);
  t.teardown(() => cluster.kubectl("admin", "mirrord", "grant", "revoke", "dave"));
  const listed = await session("dave", "list", "-n", "qa", "-o", "json");
  t.equal(listed.code, 0, listed.stderr);
  t.match(JSON.parse(listed.stdout), { source: "sessions", items: { length: 0 } });
  const elsewhere = await session("dave", "list", "-n", "dev", "-o", "json");
  t.match(JSON.parse(elsewhere.stdout), { source: "status", items: [{ id, user: { kubernetesUser: "jim" } }] });
  const nobody = await session("eve", "list", "-A");
  t.match(nobody, { code: 3, stdout: "" });
  t.match(nobody.stderr, /^Error from server .*User "eve" cannot list resource "sessions".*\n.*grant eve --role view/);
});

const hostile = ["a/b@c:d", "x/y/jim@h@i", "\u001b[31mred\u001b[0m", "=1+1|cmd", "\u202egnp.exe", "jim\nroot"];

t.test("hostile user names are shown safely, found exactly, and end nobody else's session", async (t) => {
  const jims = add("jim");
  for (const user of hostile) add(user);
  for (const output of ["table", "wide", "csv", "name", "json", "yaml"]) {
    const { code, stdout, stderr } = await session("admin", "list", "-A", "-o", output);
    t.equal(code, 0, stderr);
    t.notMatch(stdout, harmful, output);
    if (output === "table") t.equal(stdout.trimEnd().split("\n").length, hostile.length + 2);
  }
  const { code, stdout } = await session("admin", "kill", "--user", "jim", "--yes");
  t.equal(code, 0);
  t.match(stdout, new RegExp(`^session ${jims} .* ended\n$`));
  t.equal(live().length, hostile.length);
});

t.test(
  "ending sessions needs the right at cluster scope: the real check says so before anything is asked",
  async (t) => {
    const id = add("jim2", "qa");
    const refused = await session("jim2", "kill", id);
    t.equal(refused.code, 4);
    t.equal(refused.stdout, "");
    t.match(refused.stderr, 'error: "jim2" cannot delete sessions.operator.metalbear.co in the whole cluster');
    t.notMatch(refused.stderr, "terminal");
    t.same(live(), [id]);

    const commands = refused.stderr.split("\n").filter((line) => line.startsWith("  kubectl "));
    t.equal(commands.length, 2, "a role and its binding, and nothing else to paste");
    for (const command of commands) t.equal((await cluster.shell("admin", command)).code, 0, command);
    t.teardown(() => cluster.shell("admin", "kubectl delete clusterrole,clusterrolebinding mirrord-session-admin"));
    const ended = await session("jim2", "kill", id, "--yes");
    t.equal(ended.code, 0, ended.stderr);
    t.same(live(), []);
  },
);

t.test("a rule for one session, by the decimal spelling of its id, is enough for that one", async (t) => {
  const [mine, other] = [add("jim2", "qa"), add("jim", "qa")];
  const decimal = BigInt(`0x${mine}`).toString();
  const make = `kubectl create clusterrole one-session --verb=delete --resource=sessions.operator.metalbear.co --resource-name=${decimal}`;
  const bind = "kubectl create clusterrolebinding one-session --clusterrole=one-session --user=jim2";
  for (const command of [make, bind]) t.equal((await cluster.shell("admin", command)).code, 0);
  t.teardown(() => cluster.shell("admin", "kubectl delete clusterrole,clusterrolebinding one-session"));
  const { code, stdout, stderr } = await session("jim2", "kill", mine, other, "--yes");
  t.equal(code, 4);
  t.match(stdout, new RegExp(`^session ${mine} .* ended\n$`));
  t.match(stderr, new RegExp(`error: session ${other} was not ended: Error from server \\(Forbidden\\)`));
  t.same(live(), [other]);
});

t.test("both spellings, other cases and names from -o name end the same session", async (t) => {
  for (const spell of [
    (id: string) => id,
    (id: string) => id.toLowerCase(),
    (id: string) => BigInt(`0x${id}`).toString(),
    (id: string) => `session.operator.metalbear.co/${id}`,
  ]) {
    const id = add("jim");
    const kept = add("anna", "qa");
    const { code, stdout, stderr } = await session("admin", "kill", spell(id), "--yes");
    t.equal(code, 0, stderr);
    t.match(stdout, new RegExp(`^session ${id} of jim/jim@laptop on deployment/web in namespace dev ended\n$`));
    t.same(live(), [kept]);
    await session("admin", "kill", kept, "--yes");
  }
});

t.test("one of another namespace, an unknown one, and no terminal to ask on: nothing ends", async (t) => {
  const id = add("jim");
  t.match(await session("admin", "kill", id, "-n", "qa", "--yes"), {
    code: 2,
    stdout: "",
    stderr: /is in namespace "dev", not in "qa"/,
  });
  t.match(await session("admin", "kill", "FFFF", "--yes"), { code: 2, stdout: "", stderr: /"FFFF" not found/ });
  t.match(await session("admin", "kill", id), { code: 2, stdout: "", stderr: /no terminal to ask on[^]*--yes/ });
  t.match(await session("admin", "describe", id, "-n", "qa"), { code: 2, stdout: "", stderr: /not in "qa"/ });
  t.same(live(), [id]);
});

t.test(
  "TAB offers ids to who may see them, and is silent for everybody else and when the operator is down",
  async (t) => {
    const [jims, annas] = [add("jim"), add("anna", "qa")];
    const tab = (as: string, ...words: string[]) => cluster.kubectl(as, "mirrord", "__complete", ...words);
    // A machine that is busy may need more than the second that completion has.
    const offers = async (wanted: RegExp, ...words: string[]) => {
      await until(`${words.join(" ")} is completed with ${wanted.source}`, async () =>
        wanted.test((await tab("admin", ...words)).stdout),
      );
      t.pass(words.join(" "));
    };
    await offers(new RegExp(`^${jims}\tjim on deployment/web in dev, `, "m"), "session", "kill", "");
    await offers(new RegExp(`^${annas}\t.*\n:4\n$`), "session", "describe", "-n", "qa", "");
    await offers(/^deploy\/web\n/, "can-i", "steal", "-n", "dev", "deploy/w");
    for (const words of [
      ["session", "kill", ""],
      ["grant", "revoke", ""],
      ["can-i", "steal", "-n", "dev", "deploy/"],
    ])
      t.same(await tab("eve", ...words), { code: 0, stdout: ":4\n", stderr: "" });
    control.fail({ how: "hang", match: { pathIncludes: "/v1/" } });
    t.same(await tab("admin", "session", "kill", ""), { code: 0, stdout: ":4\n", stderr: "" });
  },
);

t.test("partial failures are named by id", async (t) => {
  const [one, two] = [add("jim"), add("anna", "qa")];
  control.fail({ how: 500, match: { method: "DELETE", pathIncludes: two } });
  const { code, stdout, stderr } = await session("admin", "kill", "--all", "--yes");
  t.equal(code, 4);
  t.match(stdout, new RegExp(`^session ${one} .* ended\n$`));
  t.match(stderr, new RegExp(`error: session ${two} was not ended: .*told to answer 500`));
  t.same(live(), [two]);
});

t.test("--inactive ends what nobody is connected to, and only that", async (t) => {
  const idle = add("jim");
  const connection = await cluster.connect({ user: "admin", groups: ["system:masters"] }, "dev", "deployment.web");
  t.ok(connection.ok);
  if (!connection.ok) return;
  const { code, stdout, stderr } = await session("admin", "kill", "--inactive", "--yes");
  t.equal(code, 0, stderr);
  t.match(stdout, new RegExp(`^session ${idle} .* ended\n$`));
  t.equal(live().length, 1);
  await connection.close();
});

t.test("a session whose owner lost the access is stale, and can be ended as such", async (t) => {
  for (const words of [
    ["bob", "--ns", "dev"],
    ["carol", "--ns", "dev"],
  ])
    t.equal((await cluster.kubectl("admin", "mirrord", "grant", ...words)).code, 0);
  t.teardown(() => cluster.kubectl("admin", "mirrord", "grant", "revoke", "carol"));
  const [bobs, carols] = [add("bob"), add("carol")];
  t.match(await session("admin", "list", "-A", "--stale"), { code: 0, stdout: "", stderr: "No sessions found.\n" });
  const described = await session("admin", "describe", bobs);
  t.match(
    described.stdout,
    /Let in by:\n.*\n {2}RoleBinding .* in namespace dev gives ClusterRole mirrord-operator-user to User bob, by grant \w+ for bob\n/,
  );
  t.match(described.stdout, /Could start it again: +yes\n/);

  const revoked = await cluster.kubectl("admin", "mirrord", "grant", "revoke", "bob");
  t.match(revoked.stdout, /bob can no longer use mirrord/);
  const stale = await session("admin", "list", "-A", "--stale");
  t.match(stale, { code: 0, stderr: "" });
  t.match(stale.stdout, new RegExp(`^NAMESPACE .* STALE\ndev +${bobs} +bob .* bob cannot get mirrordoperators.*\n$`));
  const { code, stdout } = await session("admin", "kill", "--stale", "--yes");
  t.equal(code, 0);
  t.match(stdout, new RegExp(`^session ${bobs} .* ended\n$`));
  t.same(live(), [carols]);
});

t.test("an operator of 2024: its status stands in, and that it cannot end sessions is no success", async (t) => {
  const id = add("jim");
  control.set({ legacy: true, version: "3.77.1" });
  const listed = await session("admin", "list", "-A", "-o", "json");
  t.match(JSON.parse(listed.stdout), { source: "status", items: [{ id }] });
  t.match(await session("admin", "describe", id), { code: 0, stdout: /Target: +deployment\/web/ });
  t.match(await session("admin", "kill", id, "--yes"), {
    code: 4,
    stdout: "",
    stderr: /3\.77\.1 answers that it does not know it/,
  });
  t.match(await session("admin", "status"), { code: 0, stdout: /Operator version: +3\.77\.1/ });
  control.set({ legacy: false, version: "3.187.0" });
});

const verbs = [
  ["list", "-A"],
  ["describe", "AB"],
  ["kill", "--all", "--yes"],
  ["watch", "-A"],
];

t.test("an operator that is down, or answers garbage, is exit code 3 with what to look at", async (t) => {
  for (const how of [503, "garbage", "close"] as const) {
    control.fail({ how, match: { pathIncludes: "/v1/" } });
    for (const words of [...verbs, ["status"], ["stats"]]) {
      const { code, stdout, stderr } = await session("admin", ...words);
      t.equal(code, 3, `${how} ${words.join(" ")}: ${stderr}`);
      t.equal(stdout, "");
      t.match(stderr, "kubectl get apiservice v1.operator.metalbear.co");
    }
    control.recover();
  }
});

t.test("an operator that is slow is waited for, and no longer than --request-timeout", async (t) => {
  control.fail({ how: "hang", match: { pathIncludes: "/sessions" } });
  const { code, stdout, stderr } = await session("admin", "list", "-A", "--request-timeout", "2s");
  t.equal(code, 3);
  t.equal(stdout, "");
  t.match(stderr, "There was no answer within --request-timeout");
});

t.test("without an operator", async (t) => {
  const path = "/apis/apiregistration.k8s.io/v1/apiservices/v1.operator.metalbear.co";
  const { token } = cluster.plane.admin;
  const { body } = await apiRequest(cluster.plane, { token, path });
  const { metadata, spec } = body as { metadata: { name: string }; spec: object };
  await apiRequest(cluster.plane, { token, path, method: "DELETE" });
  t.teardown(() =>
    apiRequest(cluster.plane, {
      token,
      path: "/apis/apiregistration.k8s.io/v1/apiservices",
      body: { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: metadata.name }, spec },
    }),
  );
  for (const words of [...verbs, ["status"], ["stats"]]) {
    const { code, stdout, stderr } = await session("admin", ...words);
    t.equal(code, 3, `${words.join(" ")}: ${stderr}`);
    t.equal(stdout, "");
    t.match(stderr, "mirrord operator was not found in the cluster");
  }
});
