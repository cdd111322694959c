import t from "tap";
import { podOffences, privilegedAttributes } from "../../lib/access/privileged-options.ts";

const container = (securityContext: object, name = "app") => ({ name, image: "i", securityContext });

const offending: { name: string; spec: object; paths: string[] }[] = [
  { name: "the host's IPC", spec: { hostIPC: true }, paths: ["spec.hostIPC"] },
  { name: "the host's network", spec: { hostNetwork: true }, paths: ["spec.hostNetwork"] },
  { name: "the host's processes", spec: { hostPID: true }, paths: ["spec.hostPID"] },
  {
    name: "escalation that is asked for",
    spec: { containers: [container({ allowPrivilegeEscalation: true })] },
    paths: ["containers[app].allowPrivilegeEscalation"],
  },
  {
    name: "any capability more",
    spec: { containers: [container({ capabilities: { add: ["NET_BIND_SERVICE"] } })] },
    paths: ["containers[app].capabilities"],
  },
  {
    name: "a privileged container of each list",
    spec: {
      initContainers: [container({ privileged: true }, "i")],
      containers: [container({ privileged: true })],
      ephemeralContainers: [container({ privileged: true }, "e")],
    },
    paths: ["initContainers[i].privileged", "containers[app].privileged", "ephemeralContainers[e].privileged"],
  },
  {
    name: "a folder of the host, even an empty one",
    spec: {
      volumes: [
        { name: "a", emptyDir: {} },
        { name: "h", hostPath: {} },
      ],
    },
    paths: ["volumes[h].hostPath"],
  },
  {
    name: "several, in the order of the table",
    spec: {
      volumes: [{ name: "h", hostPath: { path: "/" } }],
      hostPID: true,
      containers: [container({ privileged: true })],
    },
    paths: ["spec.hostPID", "containers[app].privileged", "volumes[h].hostPath"],
  },
];
for (const { name, spec, paths } of offending)
  t.test(`${name} is found`, async (t) => {
    t.same(
      podOffences(spec).map(({ path }) => path),
      paths,
    );
  });

const harmless: [name: string, spec: unknown][] = [
  ["nothing", undefined],
  ["false", { hostIPC: false, hostNetwork: false, hostPID: false }],
  ["capabilities dropped, or none added", { containers: [container({ capabilities: { drop: ["ALL"], add: [] } })] }],
  ["no escalation", { containers: [container({ allowPrivilegeEscalation: false, privileged: false })] }],
  ["other volumes", { volumes: [{ name: "c", persistentVolumeClaim: { claimName: "c" } }] }],
  ["what is no pod", { hostPID: "true", containers: "x", volumes: [1, null] }],
];
for (const [name, spec] of harmless)
  t.test(`${name} is no offence`, async (t) => {
    t.same(podOffences(spec), []);
  });

t.test("the attributes are the seven options and local volumes", async (t) => {
  t.equal(privilegedAttributes.length, 8);
});
