import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { requireIntegrity } from "../../krew/node-packages.ts";
import { generators, targets } from "../../krew/targets.ts";

const root = join(import.meta.dirname, "..", "..");
const lock: { packages: Record<string, { version: string; integrity: string }> } = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
);

t.test(
  "what is pinned for a release and what npm ci locks is the same tarball where it is the same package",
  async (t) => {
    const pinned = [...targets.map(({ node }) => node), ...generators];
    const shared = pinned.filter(({ name, version }) => lock.packages[`node_modules/${name}`]?.version === version);
    t.ok(shared.length >= 4);
    for (const { name, integrity } of shared)
      t.equal(lock.packages[`node_modules/${name}`]?.integrity, integrity, name);
  },
);

t.test("each executable's Node.js has a generator of its version", async (t) => {
  for (const { name, node } of targets)
    t.ok(
      generators.some(({ version }) => version === node.version),
      name,
    );
});

t.test("a tarball that is not the pinned one is refused", async (t) => {
  const pin = {
    name: "node-x",
    version: "1.0.0",
    integrity: "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
  };
  t.doesNotThrow(() => requireIntegrity(Buffer.alloc(0), pin));
  t.throws(() => requireIntegrity(Buffer.from("x"), pin), /node-x@1\.0\.0 is not what is pinned/);
});
