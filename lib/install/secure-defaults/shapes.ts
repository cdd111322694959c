// What the policies look at: each kind of object that has a pod in it, where, and which of Kubernetes' own controllers make it
// of something that was judged before.

export interface Shape {
  /** The end of the policy's name. */
  name: string;
  rules: readonly { group: string; resources: readonly string[] }[];
  /** Where the pod's spec is, from the object on. */
  spec: string;
  /** Of `kube-system`: they make these objects of others, whose author was judged. */
  controllers: readonly string[];
}

export const shapes: readonly Shape[] = [
  {
    name: "pods",
    rules: [{ group: "", resources: ["pods", "pods/ephemeralcontainers"] }],
    spec: "spec",
    controllers: [
      "replicaset-controller",
      "replication-controller",
      "daemon-set-controller",
      "statefulset-controller",
      "job-controller",
    ],
  },
  {
    name: "workloads",
    rules: [
      { group: "apps", resources: ["deployments", "daemonsets", "statefulsets", "replicasets"] },
      { group: "batch", resources: ["jobs"] },
      { group: "", resources: ["replicationcontrollers"] },
    ],
    spec: "spec.template.spec",
    controllers: ["deployment-controller", "cronjob-controller"],
  },
  {
    name: "cronjobs",
    rules: [{ group: "batch", resources: ["cronjobs"] }],
    spec: "spec.jobTemplate.spec.template.spec",
    controllers: [],
  },
  {
    name: "podtemplates",
    rules: [{ group: "", resources: ["podtemplates"] }],
    spec: "template.spec",
    controllers: [],
  },
  {
    // A StatefulSet or DaemonSet is rolled back to what its revision says: a forged one would be made into pods by a controller.
    name: "revisions",
    rules: [{ group: "apps", resources: ["controllerrevisions"] }],
    spec: "data.spec.template.spec",
    controllers: ["daemon-set-controller", "statefulset-controller"],
  },
];
