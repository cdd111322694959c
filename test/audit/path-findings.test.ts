import t from "tap";
import { pathFindings } from "../../lib/audit/path-findings.ts";
import type { AccessPath } from "../../lib/audit/paths.ts";
import type { EdgeId } from "../../lib/audit/edges.ts";
import { findingText } from "./facts.ts";

const through = (name: string, namespace?: string) => ({
  binding: { kind: "RoleBinding" as const, name, ...(namespace === undefined ? {} : { namespace }) },
  role: { kind: "ClusterRole" as const, name: "edit" },
  namespace: namespace ?? "",
  names: undefined,
});
const step = (edge: EdgeId, becomes: string, namespace?: string) => ({
  edge,
  becomes,
  ...(namespace === undefined ? {} : { namespace }),
  through: through("b", namespace),
});
const path = (name: string, goal: AccessPath["goal"], ...steps: AccessPath["steps"]): AccessPath => ({
  start: { kind: "User", name },
  goal,
  steps,
});
const two = [step("pod-entry", "sa:qa/worker", "qa"), step("token-secret", "sa:dev/deployer")];

t.test("all who go the same way through one binding are one finding, with every step", async (t) => {
  const found = pathFindings([
    path("jim", "administrator", ...two),
    path("ana", "administrator", ...two),
    path("eve", "operator", step("api-service", "")),
  ]);
  t.same(found.map(findingText), [
    "error pod-entry RoleBinding qa/b: ana and jim can become sa:qa/worker by entering a pod in qa, then sa:dev/deployer by making a Secret for its token: who may do everything in the cluster",
    "error api-service RoleBinding b: eve can become mirrord's operator by serving its API",
  ]);
  t.match(found[0], {
    who: ["ana", "jim"],
    path: [{ becomes: "sa:qa/worker", by: "entering a pod", namespace: "qa" }, { becomes: "sa:dev/deployer" }],
    evidence: [
      { kind: "RoleBinding", name: "b", namespace: "qa" },
      { kind: "ClusterRole", name: "edit" },
      { kind: "RoleBinding", name: "b" },
    ],
    fix: /Change it: kubectl edit rolebinding b -n qa$/,
  });
});

t.test("a way to sessions is less than a way to everything, and says where they are", async (t) => {
  const sessions = path("jim", "sessions", step("impersonation-of-accounts", "sa:dev/ci", "dev"));
  t.same(pathFindings([{ ...sessions, place: "qa" }, sessions]).map(findingText), [
    "warning impersonation-of-accounts RoleBinding dev/b: jim can become sa:dev/ci by impersonating it in dev: who may start sessions in qa",
    "warning impersonation-of-accounts RoleBinding dev/b: jim can become sa:dev/ci by impersonating it in dev: who may start sessions",
  ]);
});
t.test("no paths, no findings", async (t) => t.same(pathFindings([]), []));
