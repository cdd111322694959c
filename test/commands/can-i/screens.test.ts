// A no on one screen: what a person sees on terminals of 80, 100 and 120 columns, also where every name is long.
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { Subject } from "../../../lib/rbac/types.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import {
  basicRules,
  bound,
  connectRules,
  group,
  namespace,
  nativeRules,
  object,
  operator,
  operatorRoles,
  podSpec,
  user,
} from "../../preview/objects.ts";

const long = (start: string) => start.padEnd(39, "-of-a-long-name").padEnd(40, "x");

interface Names {
  who: string;
  place: string;
  target: string;
  team: string;
  secret: string;
  policy: string;
}
const short: Names = { who: "jim", place: "dev", target: "web", team: "backend", secret: "key", policy: "no-steal" };
const longest: Names = {
  who: long("jim"),
  place: long("dev"),
  target: long("web"),
  team: long("backend"),
  secret: long("key"),
  policy: long("no-steal"),
};

function workload({ place, target, secret }: Names): KubernetesObject {
  const env = [secret, `${secret.slice(1)}z`].map((name) => ({
    name: "KEY",
    valueFrom: { secretKeyRef: { name, key: "k" } },
  }));
  const spec = { template: { spec: podSpec({ containers: [{ name: "main", env }] }) } };
  return object("apps/v1", "StatefulSet", target, { spec }, place);
}

const base = (names: Names): KubernetesObject[] => [
  { ...namespace(), metadata: { name: names.place } },
  operator(),
  ...operatorRoles,
  workload(names),
];
const everything = ({ place }: Names, who: Subject) => [
  ...bound("basic", who, basicRules),
  ...bound("in", who, [...nativeRules, ...connectRules], place),
];
const blocking = ({ policy, place }: Names, spec: object) =>
  object("policies.mirrord.metalbear.co/v1alpha", "MirrordPolicy", policy, { spec }, place);
const session = ({ target, place, who }: Names) => ["steal", `sts/${target}`, "-n", place, "--as", who];

interface Screen {
  cluster: (names: Names) => FakeOptions;
  words: (names: Names) => string[];
  code: number;
}
const screens: Record<string, Screen> = {
  "nothing is granted": {
    cluster: (names) => ({ objects: base(names) }),
    words: (names) => [...session(names), "--as-group", "x"],
    code: 1,
  },
  "a group would help, not enough": {
    cluster: (names) => ({ objects: [...base(names), ...bound("team", group(names.team), basicRules)] }),
    words: session,
    code: 1,
  },
  "a group decides": {
    cluster: (names) => ({ objects: [...base(names), ...everything(names, group(names.team))] }),
    words: session,
    code: 3,
  },
  "a policy blocks": {
    cluster: (names) => ({
      objects: [...base(names), ...everything(names, user(names.who)), blocking(names, { block: ["steal"] })],
    }),
    words: session,
    code: 1,
  },
  "nothing is granted, and a policy blocks": {
    cluster: (names) => ({ objects: [...base(names), blocking(names, { block: ["steal"] })] }),
    words: (names) => [...session(names), "--as-group", "x"],
    code: 1,
  },
  "a profile is required": {
    cluster: (names) => ({
      objects: [...base(names), ...everything(names, user(names.who)), blocking(names, { requireProfile: true })],
    }),
    words: session,
    code: 1,
  },
  "a copy": {
    cluster: (names) => ({ objects: base(names) }),
    words: (names) => ["copy", ...session(names).slice(1), "--as-group", "x"],
    code: 1,
  },
  "a preview, which no grant gives": {
    cluster: (names) => ({ objects: base(names) }),
    words: (names) => ["preview", ...session(names).slice(1), "--as-group", "x"],
    code: 1,
  },
  "no target": {
    cluster: (names) => ({ objects: base(names) }),
    words: ({ place, who }) => ["targetless", "-n", place, "--as", who, "--as-group", "x"],
    code: 1,
  },
  "a plain question": {
    cluster: (names) => ({ objects: base(names) }),
    words: ({ place, who }) => ["get", "pods", "-n", place, "--as", who, "--as-group", "x"],
    code: 1,
  },
  "nobody may be asked about": {
    cluster: (names) => ({
      objects: base(names),
      answer: () => ({ answer: "unknown", reason: "you may not ask about others (create subjectaccessreviews)" }),
    }),
    words: session,
    code: 3,
  },
  "no operator": {
    cluster: (names) => ({ objects: base(names), notServed: ["operator.metalbear.co"] }),
    words: (names) => [...session(names), "--as-group", "x"],
    code: 1,
  },
  "the target is not there": {
    cluster: (names) => ({ objects: base(names) }),
    words: ({ place, who }) => ["steal", "sts/nope", "-n", place, "--as", who],
    code: 1,
  },
};

async function show({ cluster, words }: Screen, names: Names, columns: number, terminal = true) {
  const world = fakeWorld({ cluster: fakeCluster(cluster(names)), columns, terminal });
  const code = await execute(canI, words(names), world);
  return { code, text: world.stdout + world.stderr, lines: (world.stdout + world.stderr).trimEnd().split("\n") };
}

const isPasted = (line: string) => /^ {2}(kubectl|printf) /.test(line);

for (const [name, screen] of Object.entries(screens))
  for (const [kind, names] of Object.entries({ short, longest }))
    for (const columns of [80, 100, 120])
      t.test(`${name}, ${kind} names, ${columns} columns: a dozen lines that fit`, async (t) => {
        const { code, text, lines } = await show(screen, names, columns);
        t.equal(code, screen.code, text);
        t.ok(lines.length <= 12, `${lines.length} lines\n${text}`);
        for (const line of lines) t.ok(isPasted(line) || line.length <= columns, `${line.length}: ${line}`);
        t.notMatch(text, /assuming:/);
        t.notMatch(text, /^ {2}kubectl .* #/m, "no comment behind a command");
        const piped = await show(screen, names, columns, false);
        const words = (shown: string) => shown.split(/\s+/).filter((word) => word !== "");
        t.same(words(text).toSorted(), words(piped.text).toSorted(), "what it says does not depend on the terminal");
        if (process.env["SHOW"] !== undefined && columns === 80) process.stderr.write(`\n# ${name}\n${text}`);
      });

t.test("what is not there is said alone", async (t) => {
  const said = async (...words: string[]) => {
    const world = fakeWorld({ cluster: fakeCluster({ objects: base(short) }) });
    await execute(canI, [...words, "--as", "jim"], world);
    return world.stdout + world.stderr;
  };
  t.equal(await said("sts/wbe", "-n", "dev"), 'no - there is no statefulset "wbe" in dev (did you mean "web"?)\n');
  t.equal(await said("sts/web", "-n", "nowhere"), 'no - there is no namespace "nowhere"\n');
  t.equal(
    await said("sts/web/container/mian", "-n", "dev"),
    'no - statefulset "web" has no container "mian" (it has main)\n',
  );
});

t.test("a policy's command weakens a control for everybody, and is in no line with a grant's", async (t) => {
  const { text } = await show(screens["nothing is granted, and a policy blocks"] as Screen, short, 80);
  t.match(text, /To lift the block as well, which weakens a control for everybody/);
  t.notMatch(text, "&&");
});

t.test("a role to paste is made by kubectl create", async (t) => {
  const { lines } = await show(screens["a plain question"] as Screen, short, 80);
  t.match(lines.slice(2), [
    "To let jim do exactly what is refused, an administrator can run:",
    /^ {2}kubectl create role mirrord:extra:jim-\w+ --verb=get --resource=pods -n dev$/,
    /^ {2}kubectl create rolebinding mirrord:extra:jim-\w+ --role=mirrord:extra:jim-\w+ --user=jim -n dev$/,
  ]);
});
