// Walks by the token of an account in a Secret.
import { group, role, roleBinding, roleRef, rule } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { ACCOUNT, mergePatch, type PathWorld, type Token, type Walk, type Walker } from "./path-world.ts";

const secrets = ({ namespace }: { namespace: string }) => `/api/v1/namespaces/${namespace}/secrets`;
const tokenSecret = (name: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, annotations: { "kubernetes.io/service-account.name": ACCOUNT } },
  type: "kubernetes.io/service-account-token",
});

/** The token in whatever a request for Secrets answers. */
function secretToken(name: string, body: unknown): string | undefined {
  // A watch answers with an event a line.
  const events =
    typeof body === "string"
      ? body
          .trim()
          .split("\n")
          .map((line): unknown => JSON.parse(line))
      : [body];
  const objects = events.flatMap((event) => {
    const { items = [event], object } = event as { items?: unknown[]; object?: unknown };
    return object === undefined ? items : [object];
  });
  const found = objects.find((item) => (item as { metadata?: { name?: string } }).metadata?.name === name);
  const { data } = (found ?? {}) as Token;
  return data?.token === undefined ? undefined : Buffer.from(data.token, "base64").toString();
}

/** Requests whose answer has the Secret in it. */
interface SecretRead {
  verb: string;
  ask(walker: Walker, name: string): ReturnType<Walker["send"]>;
}
const secretReads: [SecretRead, ...SecretRead[]] = [
  { verb: "get", ask: ({ send, ...walker }, name) => send("GET", `${secrets(walker)}/${name}`) },
  { verb: "list", ask: ({ send, ...walker }) => send("GET", secrets(walker)) },
  {
    verb: "watch",
    ask: ({ send, ...walker }, name) =>
      send("GET", `${secrets(walker)}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=${name}`),
  },
  {
    verb: "patch",
    ask: ({ send, ...walker }, name) => send("PATCH", `${secrets(walker)}/${name}`, {}, mergePatch),
  },
  {
    verb: "deletecollection",
    ask: ({ send, ...walker }, name) =>
      send("DELETE", `${secrets(walker)}?dryRun=All&fieldSelector=metadata.name=${name}`),
  },
  // What waits for its dependents is still there, and is answered with.
  {
    verb: "delete",
    ask: ({ send, ...walker }, name) =>
      send("DELETE", `${secrets(walker)}/${name}?dryRun=All&propagationPolicy=Foreground`),
  },
];

async function secretWalk(world: PathWorld, walker: Walker, read: SecretRead["ask"]): Promise<number> {
  const name = `${walker.name}-made`;
  const made = await walker.send("POST", secrets(walker), tokenSecret(name));
  if (made.status !== 201) return made.status;
  return await readWalk(world, walker, name, read);
}

async function readWalk(world: PathWorld, walker: Walker, name: string, read: SecretRead["ask"]): Promise<number> {
  const answer = await until("the token is written", async () => {
    const { status, body } = await read(walker, name);
    const token = secretToken(name, body);
    return status !== 200 || token !== undefined ? { status, token } : undefined;
  });
  return answer.token === undefined ? answer.status : await world.readsNodes(answer.token);
}

export const secretWalks = (world: PathWorld): Walk[] => [
  {
    name: "a Secret is made by a right of the walker's own, and read by one of a group that everybody is in",
    edge: "token-secret",
    rules: [rule("", "secrets", "create")],
    more: (name, namespace) => [
      role(namespace, `${name}-open`, [rule("", "secrets", "get")]),
      roleBinding(namespace, `${name}-open`, roleRef(`${name}-open`), [group("system:authenticated")]),
    ],
    walk: (walker) => secretWalk(world, walker, secretReads[0].ask),
  },
  ...secretReads.flatMap(({ verb, ask }): Walk[] => [
    {
      name: `a Secret for a token of the account is made, and read by ${verb}`,
      edge: "token-secret",
      rules: [rule("", "secrets", "create"), rule("", "secrets", verb)],
      walk: (walker) => secretWalk(world, walker, ask),
    },
    {
      name: `a stored token is read by ${verb}`,
      edge: "stored-token",
      rules: [rule("", "secrets", verb)],
      prepare: (namespace) => world.admin("POST", secrets({ namespace }), tokenSecret("stored")),
      walk: (walker) => readWalk(world, walker, "stored", ask),
    },
  ]),
];
