// Ways to become the service account of a pod.

import { changes, createByName, rightId, templates, waysByVerb, writes, type EdgeRule } from "./edge.ts";

export const workloadsEdges = {
  "pod-creation": {
    severity: "error",
    summary: "Somebody may run pods as a service account that can do more.",
    explanation:
      "A pod runs as whichever account of its namespace it names, and finds the token of that account in a file.",
    by: "running a pod as it",
    fix: "Move the account to a namespace where nobody else may run pods.",
    ways: [
      { rights: ["create pods"], reach: "accounts" },
      { rights: [createByName("", "pods"), "patch pods"], reach: "accounts" },
      { rights: [rightId("create", "batch", "jobs")], reach: "accounts" },
      { rights: [createByName("batch", "jobs"), rightId("patch", "batch", "jobs")], reach: "accounts" },
      ...templates.flatMap(([group, kinds]) => waysByVerb(writes, group, kinds, "accounts")),
      // Pods of a StatefulSet below its partition are made of a revision, which cannot be changed but be made anew.
      {
        rights: [rightId("delete", "apps", "controllerrevisions"), rightId("create", "apps", "controllerrevisions")],
        reach: "accounts",
      },
      ...waysByVerb(changes, "", ["pods"], "pods"),
    ],
  },
  "pod-entry": {
    severity: "error",
    summary: "Somebody may enter pods whose service account can do more.",
    explanation:
      "Inside a pod the token of its service account is a file. Older API servers let get start a command, too.",
    by: "entering a pod",
    fix: "Take pods/exec, pods/attach and pods/ephemeralcontainers out of the role.",
    ways: [
      ...waysByVerb(["create", "get"], "", ["pods/exec", "pods/attach"], "pods"),
      ...waysByVerb(changes, "", ["pods/ephemeralcontainers"], "pods"),
    ],
  },
  "node-proxy": {
    severity: "error",
    summary: "Somebody may enter every pod through its node.",
    explanation:
      "nodes/proxy reaches the kubelet, which starts commands in any pod, past admission and the API server's audit log.",
    by: "entering pods through their nodes",
    fix: "Take nodes/proxy out of the role; nodes/metrics and nodes/stats need no more than their own rights.",
    ways: waysByVerb(["create", "get"], "", ["nodes/proxy"], "pods"),
  },
} as const satisfies Record<string, EdgeRule>;
