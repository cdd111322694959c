import t from "tap";
import { parseListedActions, parseQuestion, placeSession } from "../../../lib/commands/question/question.ts";
import { UserError } from "../../../lib/errors.ts";

const web = { kind: "deployment", name: "web" } as const;
const configured = { action: "steal", session: { target: web } } as const;

const questions: { words: string[]; config?: typeof configured; want: object }[] = [
  { words: ["steal", "deploy/web"], want: { kind: "session", action: "steal", target: web } },
  { words: ["deploy/web"], want: { kind: "session", action: "mirror", target: web } },
  { words: ["mirror", "web"], want: { kind: "session", action: "mirror", target: { kind: "bare", name: "web" } } },
  { words: ["deployment", "web"], want: { kind: "session", action: "mirror", target: web } },
  { words: ["steal", "deployments.apps", "web"], want: { kind: "session", action: "steal", target: web } },
  { words: ["steal", "deployment.apps/web"], want: { kind: "session", action: "steal", target: web } },
  { words: ["get", "deployments.apps/web"], want: { kind: "plain", attributes: { verb: "get", name: "web" } } },
  { words: ["drain", "deployments.apps/web"], want: { kind: "plain", attributes: { verb: "drain", name: "web" } } },
  { words: ["pods", "get"], want: { kind: "plain", attributes: { verb: "pods" } } },
  { words: ["ci"], want: { kind: "session", action: "ci", target: { kind: "targetless" } } },
  { words: [], config: configured, want: { kind: "session", action: "steal", target: web } },
  { words: ["copy"], config: configured, want: { kind: "session", action: "copy", target: web } },
  { words: ["pod/a"], config: configured, want: { action: "steal", target: { kind: "pod", name: "a" } } },
  { words: ["get", "pods"], want: { kind: "plain", attributes: { verb: "get", resource: "pods" } } },
];
for (const { words, config, want } of questions)
  t.test(`${words.join(" ") || "nothing"}${config === undefined ? "" : ", with a configuration"}`, async (t) => {
    t.match(parseQuestion(words, config), want);
  });

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 2) return `${error.message}\n${error.hint ?? ""}`;
  }
  return "no refusal";
}

const refusals: { words: string[]; says: RegExp }[] = [
  { words: [], says: /^nothing to ask about.*\nWrite for example: kubectl mirrord can-i steal deploy\/web -n dev$/ },
  { words: ["steal"], says: /^steal needs a target/ },
  { words: ["steal", "deploy/web", "now"], says: /^too many words: "now"/ },
  { words: ["steel", "deploy/web"], says: /^unknown action "steel"\nDid you mean steal\?/ },
  { words: ["steal", "deploy", "web", "now"], says: /^too many words: "web"/ },
  { words: ["ds", "web"], says: /^mirrord cannot target a DaemonSet: "ds\/web"\nTarget one of its pods/ },
  { words: ["job", "steal"], says: /^the action comes first/ },
  { words: ["mirrro"], says: /^unknown action "mirrro"\nDid you mean mirror\?/ },
  {
    words: ["deploy/web", "steal"],
    says: /^the action comes first: "steal"\nWrite: kubectl mirrord can-i steal deploy\/web/,
  },
  { words: ["", "pods"], says: /^" pods" is no question/ },
  { words: ["a/b", "pods"], says: /^"a\/b pods" is no question/ },
  { words: ["devour", "deploy/web"], says: /^unknown action "devour"\nThe actions are / },
];
for (const { words, says } of refusals)
  t.test(`${JSON.stringify(words)} is refused`, async (t) => {
    t.match(
      refusal(() => parseQuestion(words, undefined)),
      says,
    );
  });

t.test("another command that asks such questions is the one to write again", async (t) => {
  const say = (words: string[]) => refusal(() => parseQuestion(words, undefined, "audit who-can"));
  t.match(say(["steal"]), "Write for example: kubectl mirrord audit who-can steal deploy/web -n dev");
  t.match(say(["deploy/web", "steal"]), "Write: kubectl mirrord audit who-can steal deploy/web");
});

t.test("--list shows actions that are about a target", async (t) => {
  t.same(parseListedActions(["mirror", "preview"]), ["mirror", "preview"]);
  t.match(
    refusal(() => parseListedActions(["get"])),
    /^--list shows actions, and "get" is none/,
  );
  t.match(
    refusal(() => parseListedActions(["ci"])),
    /^ci is not about a target/,
  );
});

t.test("a session without a target goes to default unless a namespace is named", async (t) => {
  const targetless = { kind: "targetless" };
  t.same(placeSession({ action: "mirror", target: targetless }, undefined, "dev"), {
    action: "targetless",
    namespace: "default",
  });
  t.same(placeSession({ action: "targetless", target: targetless }, "qa", "dev"), {
    action: "targetless",
    namespace: "qa",
  });
  t.same(placeSession({ action: "ci", target: targetless }, undefined, "dev"), { action: "ci", namespace: "dev" });
  t.same(placeSession({ action: "mirror", target: web }, undefined, "dev"), { action: "mirror", namespace: "dev" });
});
