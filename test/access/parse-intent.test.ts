import t from "tap";
import { parseIntent, type GrantFlags } from "../../lib/access/parse-intent.ts";
import { UserError } from "../../lib/errors.ts";
import { saysKept } from "../kept-text.ts";

const plain: GrantFlags = {
  subject: "jim",
  namespace: ["dev"],
  allNamespaces: false,
  selector: [],
  collection: [],
  allowCopy: false,
  role: "user",
  target: [],
  noReads: false,
  allowSystem: false,
  dangerous: false,
};

const accepted: { name: string; flags: Partial<GrantFlags>; want: object }[] = [
  { name: "nothing but a namespace", flags: {}, want: { role: "user", reads: true } },
  {
    name: "namespaces of one letter and of the longest name",
    flags: { namespace: ["d", "0", "d".repeat(63)] },
    want: { set: { namespaces: ["d", "0", "d".repeat(63)] } },
  },
  { name: "everywhere", flags: { namespace: [], allNamespaces: true }, want: { set: { kind: "all" } } },
  { name: "ci is the user role", flags: { role: "ci" }, want: { role: "user" } },
  { name: "a role of the cluster", flags: { role: "clusterrole/dba" }, want: { role: "clusterrole/dba" } },
  {
    name: "no reads, copies, groups",
    flags: { noReads: true, allowCopy: true, groups: ["a"] },
    want: { reads: false, allowCopy: true, groups: ["a"] },
  },
  {
    name: "a group of Kubernetes, on purpose",
    flags: { subject: "group:system:masters", dangerous: true },
    want: { subject: { kind: "Group" } },
  },
  {
    name: "a namespace of Kubernetes, on purpose",
    flags: { namespace: ["kube-system"], allowSystem: true },
    want: { set: { namespaces: ["kube-system"] } },
  },
  {
    name: "an exemption, in one order",
    flags: { role: "privileged/hostPID,capabilities,hostPID" },
    want: { role: "privileged/capabilities,hostPID" },
  },
  {
    name: "an exemption in place of a role",
    flags: { privileged: "hostPID, capabilities" },
    want: { role: "privileged/capabilities,hostPID" },
  },
  {
    name: "local volumes, everywhere",
    flags: { role: "privileged/localVolume", namespace: [], allNamespaces: true },
    want: { role: "privileged/localVolume" },
  },
  { name: "a target", flags: { target: ["deploy/web"] }, want: { targets: ["deployment/web"] } },
];
for (const { name, flags, want } of accepted)
  t.test(name, async (t) => {
    t.match(parseIntent({ ...plain, ...flags }), want);
  });

const refused: { flags: Partial<GrantFlags>; says: RegExp }[] = [
  { flags: { subject: "group:system:authenticated" }, says: /is a group of Kubernetes itself/ },
  { flags: { namespace: [] }, says: /missing: namespaces/ },
  { flags: { namespace: ["kube-system"] }, says: /kube-system/ },
  { flags: { namespace: ["dev,qa"] }, says: /"dev,qa" cannot be the name of a namespace/ },
  { flags: { namespace: ["dev, qa"] }, says: /"dev, qa" cannot be the name of a namespace/ },
  { flags: { namespace: ["shop/dev"] }, says: /"shop\/dev" cannot be the name of a namespace/ },
  { flags: { namespace: ["Dev"] }, says: /"Dev" cannot be the name of a namespace/ },
  { flags: { namespace: ["dev-"] }, says: /"dev-" cannot be the name of a namespace/ },
  { flags: { namespace: ["-dev"] }, says: /"-dev" cannot be the name of a namespace/ },
  { flags: { namespace: ["d".repeat(64)] }, says: /"d{64}" cannot be the name of a namespace/ },
  { flags: { namespace: [], selector: [""] }, says: /an empty selector matches every namespace/ },
  { flags: { role: "Admin" }, says: /unknown role "Admin"/ },
  { flags: { role: "minmal" }, says: /unknown role "minmal"/ },
  { flags: { role: "reads" }, says: /unknown role "reads"/ },
  { flags: { privileged: "hostPid" }, says: /no privileged option "hostPid"/ },
  { flags: { role: "privileged/hostPid" }, says: /no privileged option "hostPid"/ },
  { flags: { role: "privileged/" }, says: /an exemption names what it is from/ },
  { flags: { role: "privileged/localVolume" }, says: /in no namespace/ },
  { flags: { role: "privileged/hostPID", target: ["deploy/web"] }, says: /--target limits a connection/ },
  { flags: { role: "clusterrole/.." }, says: /unknown role/ },
  { flags: { target: ["job/x"] }, says: /job/ },
  { flags: { target: ["deploy/web"], role: "view" }, says: /view/ },
];
for (const { flags, says } of refused)
  t.test(`${JSON.stringify(flags)} is refused`, async (t) => {
    saysKept(t, import.meta.filename, JSON.stringify(flags), () => parseIntent({ ...plain, ...flags }));
    try {
      parseIntent({ ...plain, ...flags });
      t.fail("accepted");
    } catch (error) {
      t.ok(error instanceof UserError && error.exitCode === 2);
      t.match(error instanceof Error ? error.message : "", says);
    }
  });
