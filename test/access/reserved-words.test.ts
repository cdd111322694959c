import t from "tap";
import { grantVerbs, reservedBecause } from "../../lib/access/reserved-words.ts";
import { commandWord, load, type Verb } from "../../lib/cli/grammar/command.ts";
import { grant } from "../../lib/commands/grant/index.ts";
import { all } from "../../plugins/all.ts";

t.test("the verbs that nothing near may be are those of the command", async (t) => {
  t.same(grantVerbs.toSorted(), grant.verbs.map(commandWord).toSorted());
});

async function words(verb: Verb): Promise<string[]> {
  const { verbs, ...command } = await load(verb);
  return [commandWord({ ...command, verbs }), ...(await Promise.all(verbs.map(words))).flat()];
}

t.test("no command of ours is a name", async (t) => {
  const plugins = await Promise.all(all.plugins.map(async (plugin) => await words(await plugin.load())));
  for (const word of plugins.flat()) t.ok(reservedBecause(word), word);
});

const people = ["tom", "ron", "ruth", "mabel", "stuart", "rose", "lisa", "stan", "polly", "dee", "jim", "gert", "lois"];
t.test("what is only near to a command of kubectl or of another plugin is a name", async (t) => {
  for (const name of people) t.equal(reservedBecause(name), undefined, name);
});

const reserved: [word: string, why: string][] = [
  ["revoke", "is a verb of this command"],
  ["revok", 'is too close to the verb "revoke"'],
  ["Team", "is a verb of this command"],
  ["ogr", 'is too close to the verb "org"'],
  ["who-can", "is a command of kubectl mirrord"],
  ["DELETE", "is a command of kubectl mirrord"],
  ["port-forward", "is a command of kubectl"],
  ["top", "is a command of kubectl"],
  ["show", "is a command's word"],
];
for (const [word, why] of reserved) t.test(`${word} ${why}`, async (t) => void t.equal(reservedBecause(word), why));
