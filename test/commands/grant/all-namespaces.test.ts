import t from "tap";
import { fakeWorld } from "../../cli/fake-world.ts";
import { exampleMemory, grantObjectsIn, runGrant } from "../grant-world.ts";

const asking = (answer: boolean) => {
  const asked: string[] = [];
  const ask = {
    ...fakeWorld().ask,
    confirm: async (question: string, flag: string) => {
      asked.push(`${question} ${flag}`);
      return answer;
    },
  };
  return { asked, change: { ask } };
};

const opens = /^This holds in kube-system, .*ending everybody's sessions/m;

t.test("a grant in all namespaces is asked about, and says what it opens", async (t) => {
  const cluster = exampleMemory();
  const no = asking(false);
  const declined = await runGrant(["jim", "-A"], { cluster, change: no.change });
  t.match(declined, { code: 1, stdout: "Nothing was granted.\n", stderr: opens });
  t.same(no.asked, ["Grant this in all namespaces? --yes"]);
  t.same(grantObjectsIn(cluster), []);

  const yes = asking(true);
  t.match(await runGrant(["jim", "-A"], { cluster, change: yes.change }), {
    code: 0,
    stdout: /can now .* in all namespaces/,
  });
  t.equal(yes.asked.length, 1);
});

t.test("--yes answers it, dry runs and a grant that is there already need no answer", async (t) => {
  const cluster = exampleMemory();
  for (const words of [["--dry-run=client"], ["--dry-run=server"], ["--diff"]]) {
    t.equal((await runGrant(["jim", "-A", ...words], { cluster })).stderr, "", words.join(" "));
  }
  t.match(await runGrant(["jim", "-A", "--yes"], { cluster }), { code: 0, stderr: opens });
  t.match(await runGrant(["jim", "-A"], { cluster }), { code: 0, stdout: /Nothing was changed/ });
});

t.test("a grant in namespaces that are named is not asked about", async (t) => {
  t.equal((await runGrant(["jim", "--ns", "dev"], { cluster: exampleMemory() })).code, 0);
});

t.test("a service account that is not there is said before anything is written", async (t) => {
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "runner", namespace: "dev" } };
  const cluster = exampleMemory(account);
  t.equal((await runGrant(["sa:dev/runner", "--ns", "dev", "--dry-run=client"], { cluster })).stderr, "");
  for (const name of ["dev/rnner", "ci/runner"]) {
    t.match(await runGrant([`sa:${name}`, "--ns", "dev", "--dry-run=client"], { cluster }), {
      code: 0,
      stderr: `Warning: service account ${name} does not exist: the grant is for whatever gets that name\n`,
    });
  }
});

t.test("a namespace that is not there is refused, and prepared with --force", async (t) => {
  const cluster = exampleMemory();
  const refused = await runGrant(["jim", "--ns", "nope"], { cluster });
  t.match(refused, { code: 2, stderr: /namespace "nope" was not found\n.*\nAdd --force/ });
  const forced = await runGrant(["jim", "--ns", "nope", "--force", "--dry-run=client"], { cluster });
  t.match(forced, {
    code: 0,
    stderr: "Warning: namespace nope does not exist: the grant is for whatever gets that name\n",
  });
});
