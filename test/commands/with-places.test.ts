import t from "tap";
import { withPlaces } from "../../lib/commands/with-places.ts";
import type { Finding } from "../../lib/findings/finding.ts";
import { keyByKind } from "../../lib/kubernetes/object-key.ts";

const about = (subject: Finding["subject"]): Finding => ({
  rule: "odd",
  severity: "note",
  subject,
  message: "it is odd",
  fix: "Look.",
});

const findings = [
  about({ kind: "Role", name: "r", namespace: "dev" }),
  about({ kind: "Role", name: "r", namespace: "qa" }),
  about({ kind: "ClusterRole", name: "r" }),
];

t.test("a finding has the place of its object, and of no namesake", async (t) => {
  const at = { file: "a.yaml", line: 3 };
  const places = new Map([[keyByKind("Role", { name: "r", namespace: "dev" }), at]]);
  t.same(
    withPlaces(findings, { places: () => places }).map((finding) => finding.at),
    [at, undefined, undefined],
  );
});

t.test("where objects are in no file, findings stay as they are", async (t) => {
  t.same(withPlaces(findings, {}), findings);
});
