import t from "tap";
import { recordsIn, usageWords } from "../../../lib/audit/usage/records.ts";

const start = {
  timestamp: "2026-08-17T18:15:00.000001Z",
  level: "INFO",
  fields: {
    message: "Session Start",
    target: "deployment/checkout/container/app",
    client_hostname: "jims-laptop.local",
    client_user: "jim",
    session_id: "487F",
  },
  target: "operator_context::event::functional_log",
};
const event = (fields: object) => ({ ...start, fields: { ...start.fields, ...fields } });
const began = {
  from: "operator",
  event: "start",
  user: "jim",
  namespace: "",
  target: "deployment/checkout",
  time: 1786990500000,
};
const line = JSON.stringify(start);

const request = {
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  stage: "ResponseComplete",
  verb: "proxy",
  user: { username: "jim", groups: ["system:authenticated"] },
  objectRef: {
    resource: "targets",
    namespace: "dev",
    name: "deployment.web.container.app",
    apiGroup: "operator.metalbear.co",
  },
  responseStatus: { code: 101 },
  requestReceivedTimestamp: "2026-08-17T18:15:00.000001Z",
  annotations: {
    "authorization.k8s.io/decision": "allow",
    "authorization.k8s.io/reason":
      'RBAC: allowed by RoleBinding "mirrord:grant:jim/dev" of ClusterRole "mirrord-operator-user" to User "jim"',
  },
};
const asked = {
  from: "api-server",
  user: "jim",
  verb: "proxy",
  resource: "targets.operator.metalbear.co",
  namespace: "dev",
  target: "deployment/web",
  refused: false,
  binding: { kind: "RoleBinding", name: "mirrord:grant:jim", namespace: "dev" },
  time: 1786990500000,
};
const api = (more: object) => JSON.stringify({ ...request, ...more });

const cases: { name: string; line: string; want: unknown }[] = [
  { name: "an event with the documented field", line, want: [began] },
  {
    name: "an event with the dashboards' fields",
    line: JSON.stringify(
      event({ target: undefined, target_namespace: "shop", target_type: "Deployment", target_name: "checkout" }),
    ),
    want: [{ ...began, namespace: "shop" }],
  },
  {
    name: "a name without a kind",
    line: JSON.stringify(event({ target_name: "checkout" })),
    want: [{ ...began, target: "checkout" }],
  },
  { name: "no target", line: JSON.stringify(event({ target: undefined })), want: [{ ...began, target: "targetless" }] },
  {
    name: "targetless",
    line: JSON.stringify(event({ target: "targetless" })),
    want: [{ ...began, target: "targetless" }],
  },
  {
    name: "a copy, whose name is made up",
    line: JSON.stringify(event({ target: "pod/mirrord-copy-x7f" })),
    want: [{ ...began, target: "copy" }],
  },
  {
    name: "an end, its seconds as a text",
    line: JSON.stringify(event({ message: "Session End", session_duration: "360.25" })),
    want: [{ ...began, event: "end", duration: 360_250 }],
  },
  {
    name: "an end whose duration is none",
    line: JSON.stringify(event({ message: "Session End", session_duration: "-1" })),
    want: [{ ...began, event: "end" }],
  },
  {
    name: "a port, with a filter and without",
    line: JSON.stringify([event({ message: "Port Steal", http_filter: "path=/x" }), event({ message: "Port Steal" })]),
    want: [
      { ...began, event: "steal", filtered: true },
      { ...began, event: "steal", filtered: false },
    ],
  },
  {
    name: "a mirrored port",
    line: JSON.stringify(event({ message: "Port Mirror" })),
    want: [{ ...began, event: "mirror" }],
  },
  {
    name: "a copy that scales down, as a text",
    line: JSON.stringify(event({ message: "Copy Target", scale_down: "true" })),
    want: [{ ...began, event: "copy", scaleDown: true }],
  },
  {
    name: "no time",
    line: JSON.stringify({ ...start, timestamp: "yesterday" }),
    want: [{ from: "operator", event: "start", user: "jim", namespace: "", target: "deployment/checkout" }],
  },
  { name: "another event", line: JSON.stringify(event({ message: "Port Release" })), want: [] },
  { name: "an event with a name of JavaScript's", line: JSON.stringify(event({ message: "constructor" })), want: [] },
  { name: "an event of nobody", line: JSON.stringify(event({ client_user: undefined })), want: [] },
  { name: "Docker's file", line: JSON.stringify({ log: `${line}\n`, stream: "stdout", time: "x" }), want: [began] },
  { name: "containerd's file", line: `2026-08-17T18:15:00.000001Z stdout F ${line}`, want: [began] },
  { name: "kubectl logs --timestamps", line: `2026-08-17T18:15:00.000001Z ${line}`, want: [began] },
  { name: "kubectl logs --prefix", line: `[pod/mirrord-operator-1/mirrord-operator] ${line}`, want: [began] },
  { name: "a collector that read it", line: JSON.stringify({ kubernetes: {}, log_processed: start }), want: [began] },
  { name: "Google's", line: JSON.stringify({ jsonPayload: start, insertId: "1" }), want: [began] },
  { name: "Amazon's", line: JSON.stringify({ events: [{ message: line }, { message: "text" }] }), want: [began] },
  { name: "too many wrappers", line: JSON.stringify({ log: { log: { log: { log: { log: start } } } } }), want: [] },
  { name: "lists of lists", line: `[[[[[${line}]]]]]`, want: [] },
  {
    name: "texts of texts",
    line: JSON.stringify({ log: JSON.stringify({ log: JSON.stringify({ log: { log: line } }) }) }),
    want: [],
  },
  { name: "text", line: `INFO mirrord: client_user="jim"`, want: undefined },
  { name: "a line that is cut off", line: line.slice(0, -2), want: undefined },
  {
    name: "a host name that looks like an event",
    line: JSON.stringify({ ...start, fields: { message: "hello", client_hostname: line } }),
    want: [],
  },
  {
    name: "a text log with such a host name",
    line: `2026-08-17T18:15:00Z INFO client_hostname=${line}`,
    want: undefined,
  },
  { name: "a user agent that looks like an event", line: api({ userAgent: line }), want: [asked] },
  { name: "a request", line: api({}), want: [asked] },
  {
    name: "a request in somebody else's name",
    line: api({ user: { username: "ci" }, impersonatedUser: { username: "jim" } }),
    want: [{ ...asked, impersonator: "ci" }],
  },
  {
    name: "a refusal by RBAC",
    line: api({
      responseStatus: { code: 403 },
      annotations: { "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "" },
    }),
    want: [{ ...asked, refused: true, binding: undefined }],
  },
  {
    name: "a refusal by the operator",
    line: api({ responseStatus: { code: 403 } }),
    want: [{ ...asked, refused: true }],
  },
  { name: "an earlier stage", line: api({ stage: "ResponseStarted" }), want: [] },
  { name: "a request of nobody", line: api({ user: {} }), want: [] },
  {
    name: "a request of the cluster's scope, with a subresource",
    line: api({
      verb: "create",
      objectRef: { resource: "sessions", subresource: "kill", apiGroup: "operator.metalbear.co" },
    }),
    want: [{ ...asked, verb: "create", resource: "sessions.operator.metalbear.co/kill", namespace: "", target: "" }],
  },
  {
    name: "a native read that a grant allows",
    line: api({ verb: "get", objectRef: { resource: "pods", namespace: "dev", name: "web" } }),
    want: [{ ...asked, verb: "get", resource: "pods", target: "" }],
  },
  { name: "a request about something else", line: api({ objectRef: { resource: "pods" }, annotations: {} }), want: [] },
  {
    name: "a connection to a copy, to labels and to what no client names",
    line: JSON.stringify({
      kind: "EventList",
      items: ["copy-1", "label", "web"].map((name, at) => ({
        ...request,
        objectRef: { ...request.objectRef, resource: at === 0 ? "copytargets" : "targets", name },
      })),
    }),
    want: [
      { ...asked, resource: "copytargets.operator.metalbear.co", target: "copy" },
      { ...asked, target: "label" },
      { ...asked, target: "" },
    ],
  },
  {
    name: "a list of copies has no name",
    line: api({
      verb: "list",
      objectRef: { resource: "copytargets", namespace: "dev", apiGroup: "operator.metalbear.co" },
    }),
    want: [{ ...asked, verb: "list", resource: "copytargets.operator.metalbear.co", target: "" }],
  },
  {
    name: "the time at which it ended, where that of the start is missing",
    line: api({ requestReceivedTimestamp: undefined, stageTimestamp: request.requestReceivedTimestamp }),
    want: [asked],
  },
  { name: "no time at all", line: api({ requestReceivedTimestamp: undefined }), want: [{ ...asked, time: undefined }] },
];
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
for (const { name, line: given, want } of cases)
  t.test(name, async (t) => t.same(plain(recordsIn(given)), plain(want)));

t.test("every line that has a record has one of the words by which lines are chosen", async (t) => {
  for (const { name, line: given } of cases)
    if ((recordsIn(given) ?? []).length > 0)
      t.ok(
        usageWords.some((word) => given.includes(word)),
        name,
      );
});
