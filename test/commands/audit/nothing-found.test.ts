import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { namespace } from "../../preview/objects.ts";
import { runAudit } from "./run.ts";

const change = join(t.testdir({}), "change.yaml");
writeFileSync(change, JSON.stringify(namespace("new")));

const lists = ["clusterrolebindings", "clusterroles", "rolebindings", "roles", "pods", "organizations"];
const questions: [words: string[], says: string][] = [
  [["matrix"], "Nobody can do anything"],
  [["matrix", "--subject", "jim"], "No access of jim was found"],
  [["privileged"], "Nothing here needs an administrator or an exemption"],
  [["diff", "--overlay", change], "Nobody gains or loses anything"],
  [["findings", "--fail-on", "never"], "No findings"],
];
for (const [words, says] of questions)
  t.test(`audit ${words[0]}: nothing is what was found, or what could be read of it`, async (t) => {
    const whole = await runAudit({ objects: [] }, ...words);
    t.equal(whole.code, 0, whole.stderr);
    t.match(`${whole.stdout}${whole.stderr}`, `${says}.`);
    const refused = await runAudit({ objects: [], forbidden: lists }, ...words);
    t.equal(refused.code, 3, refused.stderr);
    t.match(`${refused.stdout}${refused.stderr}`, `${says} in what could be read.`);
    t.notMatch(`${refused.stdout}${refused.stderr}`, `${says}.`);
  });
