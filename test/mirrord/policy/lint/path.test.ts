import t from "tap";
import { kindOfPath, pathFindings } from "../../../../lib/mirrord/policy/lint/path.ts";
import { readPolicy } from "../../../../lib/mirrord/policy/spec.ts";
import { saysKept } from "../../../kept-text.ts";
import { policy } from "../../policy-fixtures.ts";

const paths = [
  "deploy/web",
  "deploy/web/container/main",
  "deploy/web/container",
  "deploy/web/container/main/more",
  "deploy/web/containers/main",
  "deploy/web*",
  "deploy/web-*",
  "deploy/*",
  "deploy/w?b",
  "deploy/Web",
  "deploy/",
  "deployment/web",
  "Deployment/web",
  "deployments/web/container/main",
  "statefulset/db",
  "sts/db",
  "pod/p*",
  "po/p",
  "service/svc",
  "svc/svc",
  "label/app=web",
  "targetless",
  "web",
  "",
  "*",
  "*web*",
  "dep*/web",
  "machine/x",
  "machine/x/container/y",
  "cronjob/c*",
  "rollout/r/container/*",
];
for (const path of paths) {
  t.test(`what is to be said of the path ${path}`, async (t) => {
    saysKept(t, import.meta.filename, path, () => ({
      kind: kindOfPath(path) ?? "any",
      findings: pathFindings(readPolicy(policy({ targetPath: path }))),
    }));
  });
}

t.test("a policy without a path has none to judge", async (t) => t.same(pathFindings(readPolicy(policy({}))), []));
