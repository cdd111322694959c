// Ways that mirrord itself opens: a session has what its target's pod has.

import { OPERATOR_GROUP, PREVIEW_GROUP } from "../../mirrord/resources.ts";
import { BRANCHES, CONNECT, MIRRORD, SESSION, branchKinds, waysByVerb, rightId, type EdgeRule } from "./edge.ts";

export const mirrordEdges = {
  "session-identity": {
    severity: "warning",
    summary: "A session gives the service account of its target, and that can do more.",
    explanation: "A mirrord session has the environment, the mounts and so the token of its target's pod.",
    by: "a session with a pod of it",
    fix: "Limit the grant to other targets, or give the workload an account of its own.",
    ways: [
      { rights: [...SESSION], reach: "targets" },
      {
        rights: [
          rightId("proxy", OPERATOR_GROUP, "copytargets"),
          rightId("create", OPERATOR_GROUP, "copytargets"),
          CONNECT,
        ],
        reach: "targets",
      },
    ],
  },
  "preview-image": {
    severity: "warning",
    summary: "A preview runs any image as the service account of its target, and that can do more.",
    explanation: "A preview is a pod like its target's, with an image of one's own.",
    by: "a preview of a pod of it",
    fix: "Take previewsessions out of the role, or give the workload an account of its own.",
    ways: [{ rights: [rightId("create", PREVIEW_GROUP, "previewsessions"), CONNECT], reach: "targets" }],
  },
  "branch-database": {
    severity: "warning",
    summary: "A branch database reads what its target may, and that account can do more.",
    explanation:
      "A branch database is a pod that the operator makes with the connection settings of the target, with an image of one's own where that is allowed.",
    by: "a branch database of a target",
    fix: "Take the branch databases out of the role, or give the workload an account of its own.",
    ways: waysByVerb(["create"], BRANCHES, branchKinds, "targets", CONNECT),
  },
  "workload-patch": {
    severity: "error",
    summary: "Somebody may have the operator change workloads.",
    explanation:
      "A MirrordClusterWorkloadPatchRequest is for the operator alone: it patches the pod template of any workload.",
    by: "having the operator change a workload",
    fix: "Take mirrordclusterworkloadpatchrequests out of the role.",
    ways: waysByVerb(["create"], MIRRORD, ["mirrordclusterworkloadpatchrequests"], "accounts"),
  },
} as const satisfies Record<string, EdgeRule>;
