import t from "tap";
import { bound } from "../../access/rbac-objects.ts";
import { apiFailure } from "../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

async function after(...grants: string[][]) {
  const cluster = exampleMemory();
  for (const words of grants.slice(0, -1)) await runGrant(words, { cluster });
  const run = await runGrant(grants.at(-1) ?? [], { cluster });
  t.equal(run.code, 0, run.stderr);
  return run.stdout;
}

t.test("a grant that only looks says what another one gives besides", async (t) => {
  t.match(
    await after(["jim", "--ns", "dev"], ["jim", "--ns", "dev", "--role", "view"]),
    /^jim can now see sessions and workloads in dev\.\nBesides, jim can mirror and steal any target in dev, by grant [a-z2-7]{20}\.$/m,
  );
  t.notMatch(await after(["jim", "--ns", "qa"], ["jim", "--ns", "dev", "--role", "view"]), /Besides/);
});

t.test("a grant that ends beside one that does not says that the access goes on", async (t) => {
  const both = await after(["jim", "--ns", "dev"], ["jim", "--ns", "dev", "--for", "1h"]);
  t.match(
    both,
    /^jim can now mirror and steal any target in dev\.\nThe access goes on after the end of this grant in dev, by grant/,
  );
  t.notMatch(both, /the access ends by itself|until 2026/);

  const partly = await after(["jim", "--ns", "qa"], ["jim", "--ns", "dev", "--ns", "qa", "--for", "1h"]);
  t.match(partly, /in dev and qa, until 2026.*\.\nThe access goes on after the end of this grant in qa, by grant/);

  const ends = await after(
    ["jim", "--ns", "dev", "--role", "minimal", "--for", "30m"],
    ["jim", "--ns", "dev", "--for", "1h"],
  );
  t.match(ends, /until 2026/);
  t.notMatch(ends, /goes on/);
});

t.test("what a group may give besides is said of users, because nobody can look up who is in it", async (t) => {
  const backend = { group: "oidc:backend" };
  const beside = async (...words: string[]) => {
    const cluster = exampleMemory(bound("backend", "cluster-admin", backend));
    await runGrant(["group:oidc:web", "--ns", "dev"], { cluster });
    return (await runGrant(words, { cluster })).stdout;
  };
  t.match(
    await beside("jim", "--ns", "dev", "--role", "view"),
    /^jim can now see .*\nBesides, group oidc:backend and group oidc:web can mirror and steal any target in dev; whether jim is in one of them is not known\.$/m,
  );
  const ends = await beside("jim", "--ns", "qa", "--for", "1h", "--accept-weak-expiry");
  t.match(ends, /in qa, until 2026/);
  t.match(
    ends,
    /^If jim is in group oidc:backend, which is not known, the access goes on after the end of this grant in qa\.$/m,
  );
  t.match(
    await beside("jim", "--ns", "qa", "--for", "1h", "--groups=oidc:backend", "--accept-weak-expiry"),
    /^The access goes on after the end of this grant in qa, by clusterrolebinding\/backend\.$/m,
  );
  t.notMatch(
    await beside("sa:dev/runner", "--ns", "qa", "--for", "1h", "--accept-weak-expiry"),
    /oidc/,
    "the groups of an account are known",
  );
});

t.test("many ways are counted", async (t) => {
  const names = ["a", "b", "c", "d", "e"];
  const cluster = exampleMemory(...names.map((name) => bound(name, "cluster-admin", "jim")));
  t.match(await runGrant(["jim", "-A", "-y", "--role", "view"], { cluster }), {
    code: 0,
    stdout: /in all namespaces, by clusterrolebinding\/a, clusterrolebinding\/b, clusterrolebinding\/c and 2 more\.$/m,
  });
  const spaces = ["dev", "qa", "prod"].flatMap((name) => ["--ns", name]);
  t.match(
    (await runGrant(["jim", ...spaces, "--role", "view"], { cluster })).stdout,
    /any target in dev, prod and qa, by/,
  );
});

t.test("where not everything may be read, what else gives access is said to be unknown", async (t) => {
  const run = async (...words: string[]) => {
    const cluster = exampleMemory(bound("jim", "cluster-admin", "jim"));
    const { list } = cluster;
    cluster.list = (type, options) => {
      if (type.resource === "clusterroles") throw apiFailure(403, "Forbidden", "clusterroles is forbidden");
      return list(type, options);
    };
    return await runGrant(words, { cluster });
  };
  t.match(await run("jim", "--ns", "qa", "--role", "view"), {
    code: 0,
    stdout:
      /^jim can now see .*\nWhat else lets jim mirror and steal there is not known: you may not list clusterroles\.$/m,
  });
  t.match(await run("jim", "--ns", "qa", "--for", "1h", "--accept-weak-expiry"), {
    code: 0,
    stdout: /^Whether the access goes on after the end of this grant is not known: you may not list clusterroles\.$/m,
  });
  t.notMatch((await run("jim", "--ns", "qa")).stdout, /not known/, "a grant that does not end goes on anyway");
});
