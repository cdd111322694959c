import t from "tap";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { random } from "../rbac/random.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";
import { falseSentences, generateRevokeWorld } from "./revoke-worlds.ts";

// Every sentence of a revocation is held against the requests of every kind of session afterwards.
const COUNT = Number(process.env["REVOKE_COUNT"] ?? 60);
const SEED = Number(process.env["REVOKE_SEED"] ?? 20261129);

t.test(
  `no sentence of ${COUNT} revocations is untrue (REVOKE_SEED=${SEED})`,
  { timeout: 60_000 + COUNT * 2000 },
  async (t) => {
    const codes = new Map<number, number>();
    for (let round = 0; round < COUNT; round += 1) {
      const world = generateRevokeWorld(random(SEED + round), "", ["dev", "qa"]);
      const cluster = exampleMemory(...world.made);
      for (const words of world.grants) {
        const { code, stderr } = await runGrant(words, { cluster });
        if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
      }
      const { items } = JSON.parse((await runGrant(["list", world.subject, "-o", "json"], { cluster })).stdout) as {
        items: { id: string; namespaces: string[]; managed: boolean }[];
      };
      const first = items.find(({ managed }) => managed);
      const words = world.revoke.map((word) => (word === "ID" ? (first?.id ?? "") : word));
      const run = await runGrant(["revoke", ...words], { cluster });
      if (run.code === 2) continue;
      const scope = words.includes("--ns")
        ? words.slice(-1)
        : words[0] === world.subject || first?.namespaces.includes("*") === true
          ? world.namespaces
          : (first?.namespaces ?? []);
      const engine = authorizer(cluster.objects().filter(({ apiVersion }) => apiVersion.startsWith("rbac.")));
      const faults = await falseSentences(
        world,
        run,
        scope,
        async (user, request) => engine.authorize({ user, ...request }).allowed,
      );
      if (faults.length > 0) {
        t.fail(`seed ${SEED + round}: revoke ${words.join(" ")}\n${faults.join("\n")}\n${run.stdout}${run.stderr}`);
        return;
      }
      codes.set(run.code, (codes.get(run.code) ?? 0) + 1);
    }
    t.comment(`exit codes: ${JSON.stringify([...codes])}`);
    t.ok((codes.get(0) ?? 0) > COUNT / 5 && (codes.get(1) ?? 0) > COUNT / 5, "both kinds of outcome are common");
  },
);
