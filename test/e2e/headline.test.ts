import t from "tap";
import { startExampleCluster } from "./example-cluster.ts";

// The main job, on a real API server with the operator stand-in behind it, driven by the real kubectl.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());

const canI = ["mirrord", "can-i", "steal", "deploy/web", "-n", "dev"];

async function connects(user: string, groups: string[] = []): Promise<boolean> {
  const connection = await cluster.connect({ user, groups }, "dev", "deployment.web");
  if (!connection.ok) return false;
  const answer = await connection.subscribe({ subscribe: "steal", port: 80, filter: null });
  await connection.close();
  return answer.ok;
}

t.test("jim, who has no rights at all, gets in by the command that can-i names, and out again by revoke", async (t) => {
  t.equal(await connects("jim"), false, "the connection is refused before");
  const before = await cluster.kubectl("jim", ...canI);
  t.equal(before.code, 1);
  t.match(before.stdout, /^no - you \(jim\) cannot steal from deployment\/web in dev/);

  const asAdmin = await cluster.kubectl("admin", ...canI, "--as", "jim");
  t.equal(asAdmin.code, 1);
  const command = /^ +(kubectl mirrord grant [^#\n]*)/m.exec(asAdmin.stdout)?.[1]?.trim() ?? "";
  t.match(command, /^kubectl mirrord grant jim --ns dev/, "a command to paste");

  const granted = await cluster.shell("admin", command);
  t.equal(granted.code, 0, granted.stderr);
  t.match(granted.stdout, /jim can now mirror and steal/);

  const after = await cluster.kubectl("jim", ...canI);
  t.equal(after.code, 0, after.stdout + after.stderr);
  t.equal(after.stdout, "yes\n");
  t.equal(await connects("jim"), true, "the connection succeeds");

  const revoked = await cluster.kubectl("admin", "mirrord", "grant", "revoke", "jim");
  t.equal(revoked.code, 0, revoked.stderr);
  t.match(revoked.stdout, /jim can no longer connect/);
  t.equal((await cluster.kubectl("jim", ...canI)).code, 1);
  t.equal(await connects("jim"), false, "the connection is refused again");
  const left = await cluster.kubectl(
    "admin",
    "get",
    "clusterrolebindings,rolebindings,roles",
    "-A",
    "-l",
    "kubectl-mirrord.io/grant",
    "-o",
    "name",
  );
  t.equal(left.stdout, "", "nothing of the grant is left");
});

t.test("jim2 keeps the access through a group, and revoke names it", async (t) => {
  const byGroup = await cluster.kubectl("admin", "mirrord", "grant", "group:oidc:backend", "--ns", "dev");
  t.equal(byGroup.code, 0, byGroup.stderr);
  const byName = await cluster.kubectl("admin", "mirrord", "grant", "jim2", "--ns", "dev");
  t.equal(byName.code, 0, byName.stderr);

  const revoked = await cluster.kubectl("admin", "mirrord", "grant", "revoke", "jim2", "--ns", "dev");
  t.equal(revoked.code, 0, revoked.stderr);
  t.match(revoked.stdout, /jim2 .*may remain through group oidc:backend/);

  t.equal(await connects("jim2"), false, "alone, jim2 is out");
  t.equal(await connects("jim2", ["oidc:backend"]), true, "in the group, jim2 is in");
  t.equal((await cluster.kubectl("jim2", ...canI)).code, 0, "whose token carries the group is told yes");
  const asked = await cluster.kubectl("admin", ...canI, "--as", "jim2");
  t.equal(asked.code, 3);
  t.match(asked.stdout, /^unknown - group oidc:backend can, and whether jim2 is in it is not known/);
});
