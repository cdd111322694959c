import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { grant } from "../../../lib/commands/grant/index.ts";
import { exampleCluster } from "../../../scripts/docs/example-cluster.ts";
import { fakeWorld, type FakeWorld } from "../../cli/fake-world.ts";

const root = join(import.meta.dirname, "../../..");
const cluster = exampleCluster(root);
await execute(grant, ["jim", "--ns", "dev", "--target", "deploy/web"], fakeWorld({ cluster }));

async function ask(line: string): Promise<{ code: number; world: FakeWorld }> {
  const world = fakeWorld({ cluster });
  const words = [...line.split(" "), "-n", "dev", "--as", "jim", "--as-group", "web"];
  return { code: await execute(canI, words, world), world };
}

t.test("several targets have a line each, over one connection; a single no decides", async (t) => {
  const { code, world } = await ask("steal deploy/web sts/db");
  t.equal(code, 1);
  t.match(world.stdout, /^deployment\/web: yes\nstatefulset\/db: no - jim cannot get statefulsets[^\n]*\n$/);
  t.match(world.stderr, /Asked about alone/);
  t.equal(world.connectedWith.length, 1);
  const two = await ask("deploy/web deploy/web/container/nginx");
  t.equal(two.code, 0, two.world.stdout);
  t.equal(two.world.stdout, "deployment/web: yes\ndeployment/web/container/nginx: yes\n");
  t.notMatch(two.world.stderr, /Asked about alone/);
});

t.test("what is unknown outweighs a yes, and a no outweighs that", async (t) => {
  await execute(grant, ["group:ops", "--ns", "qa"], fakeWorld({ cluster }));
  const eve = async (...targets: string[]) => {
    const world = fakeWorld({ cluster });
    const code = await execute(canI, ["steal", ...targets, "-n", "qa", "--as", "eve"], world);
    return { code, stdout: world.stdout };
  };
  const unknown = await eve("deploy/web", "deploy/web/container/nginx");
  t.equal(unknown.code, 3, unknown.stdout);
  t.match(unknown.stdout, /^deployment\/web: unknown - /);
  t.equal((await eve("deploy/web", "deploy/none")).code, 1);
});

t.test("JSON is a list of whole answers, as its schema says, and a template is about the list", async (t) => {
  const { world } = await ask("mirror deploy/web sts/db -o json");
  const schema = (name: string) => JSON.parse(readFileSync(join(root, `docs/schema/${name}.json`), "utf8")) as object;
  const ajv = new Ajv2020({ allowUnionTypes: true });
  ajv.addSchema(schema("session-preview"), "session-preview.json");
  const validate = ajv.compile(schema("session-preview-list"));
  t.ok(validate(JSON.parse(world.stdout)), ajv.errorsText(validate.errors));
  t.equal((await ask("mirror deploy/web sts/db -o jsonpath={.items[*].answer}")).world.stdout, "yes no");
  t.match((await ask("mirror deploy/web sts/db -o yaml")).world.stdout, /^apiVersion: .*\nkind: SessionPreviewList\n/);
});

t.test("-q says nothing, and --explain says each answer whole", async (t) => {
  const quiet = await ask("steal deploy/web sts/db -q");
  t.same([quiet.code, quiet.world.stdout, quiet.world.stderr], [1, "", ""]);
  const { code, world } = await ask("steal deploy/web sts/db --explain");
  t.equal(code, 1);
  t.match(world.stdout, /^deploy\/web:\nyes\n[^]*\n\nsts\/db:\nno - jim cannot steal from statefulset\/db/);
});

t.test("two words that are a kind and a name are one target, and a plain question stays one", async (t) => {
  t.equal((await ask("steal deploy web")).world.stdout, "yes\n");
  t.match((await ask("get pods")).world.stdout, /^(yes|no - jim cannot get pods)/);
  await t.rejects(ask("get pods services"), { message: 'too many words: "services"' });
});
