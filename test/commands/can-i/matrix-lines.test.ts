import t from "tap";
import { shownMatrix } from "../../../lib/commands/can-i/matrix-lines.ts";
import type { Action } from "../../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../../lib/mirrord/target.ts";
import type { Cell, TargetAnswers } from "../../../lib/preview/target-answers.ts";
import { plainText } from "../../../lib/view/lines.ts";

const yes: Cell = { answer: "yes", reason: "" };
const nothing: Cell = { answer: "n/a", reason: "not for such a target" };
const no = (reason: string): Cell => ({ answer: "no", reason });
const unknown = (reason: string): Cell => ({ answer: "unknown", reason });

const row = (target: string, cells: TargetAnswers["cells"], namespace = "dev"): TargetAnswers => ({
  namespace,
  target: parseTarget(target),
  cells,
});

const actions: Action[] = ["mirror", "steal", "copy", "targetless"];
const shown = (...rows: TargetAnswers[]) => {
  const { actions: columns, below } = shownMatrix(rows, actions);
  return [columns.join(), ...below.map(plainText)];
};

t.test("why an action is refused on some targets is said below, without the name in each reason", async (t) => {
  const cannot = (name: string, more = "") => no(`jim cannot get deployments.apps "${name}" in namespace "dev"${more}`);
  t.same(
    shown(
      row("deploy/a", { mirror: cannot("a"), steal: cannot("a", " (and 2 more steps)"), copy: yes }),
      row("deploy/b", { mirror: cannot("b"), steal: cannot("b"), copy: nothing }),
      row("deploy/c", { mirror: yes, steal: yes, copy: unknown("groups not given") }),
    ),
    [
      "mirror,steal,copy",
      '  no        mirror, steal on deployment/a and deployment/b: jim cannot get deployments.apps in namespace "dev"',
      "  unknown   copy on deployment/c: groups not given",
    ],
  );
});

t.test("a column that is refused for one reason is one line, for several each has its own", async (t) => {
  const policy = no(
    'Stealing is forbidden by the mirrord policy "p" for this target (your organization does not allow it).',
  );
  t.same(
    shown(
      row("deploy/a", { mirror: yes, steal: policy, copy: nothing }),
      row("deploy/b", { mirror: yes, steal: policy, copy: nothing }),
    ),
    [
      "mirror",
      '  no        steal, on every target: mirrord policy "p" forbids it',
      "  n/a       copy, on every target",
    ],
  );
  t.same(
    shown(
      row("deploy/a", { mirror: yes, steal: policy, copy: yes }),
      row("deploy/b", { mirror: yes, steal: no("no pods"), copy: yes }),
    ),
    [
      "mirror,copy",
      "  no        steal, on every target",
      '  no        steal on deployment/a: mirrord policy "p" forbids it',
      "  no        steal on deployment/b: no pods",
    ],
  );
});

t.test("the reasons of most cells come first, many are counted, and so are many targets", async (t) => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const rows = names.map((name, at) =>
    row(`deploy/${name}`, { mirror: no(at < 4 ? "why" : `why ${name}`), steal: yes, copy: yes }),
  );
  t.same(shown(...rows, row("deploy/z", { mirror: yes, steal: yes, copy: yes })), [
    "mirror,steal,copy",
    "  no        mirror on 4 targets: why",
    "  no        mirror on deployment/e: why e",
    "  no        mirror on deployment/f: why f",
    "            3 more reasons: -o json",
  ]);
});

t.test("targetless has a line of its own, with a reason that no other line has", async (t) => {
  const target = row("deploy/a", { mirror: no("why"), steal: yes, copy: yes });
  const without = (reason: string, namespace?: string) => row("targetless", { targetless: no(reason) }, namespace);
  const other = row("deploy/b", { mirror: yes, steal: yes, copy: yes });
  t.same(shown(without("another"), target, other), [
    "mirror,steal,copy",
    "  no        targetless: another",
    "  no        mirror on deployment/a: why",
  ]);
  t.equal(shown(without("why"), target, other)[1], "  no        targetless");
  t.equal(shown(without("x"), without("x", "qa"))[1], "  no        targetless, in every namespace: x");
  t.same(shown(without("x"), row("targetless", { targetless: yes }, "qa")).slice(1), [
    "  no        targetless, in dev: x",
    "  yes       targetless, in qa",
  ]);
});
