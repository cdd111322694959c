import t from "tap";
import { waitingWorld } from "../../lib/cli/waiting.ts";
import { fakeWorld } from "./fake-world.ts";

/** What is said at each time, of a world whose questions take as long as the test wants. */
function told() {
  const lines: string[] = [];
  const answer = Promise.withResolvers<never>();
  const world = fakeWorld({ cluster: {} });
  world.progress = (label) => {
    lines.push(label);
    let isEnded = false;
    return {
      update: (text) => void lines.splice(lines.lastIndexOf(label), 1, text),
      end() {
        if (!isEnded) lines.pop();
        isEnded = true;
      },
    };
  };
  const asked = async () => await answer.promise;
  const ask = { confirm: asked, input: asked, select: asked };
  return { lines, answer, ...waitingWorld({ ...world, ask }, "Reading the grants") };
}

t.test("what is waited for is said from the connection to the result", async (t) => {
  const { lines, world } = told();
  t.same(lines, []);
  await world.connect({});
  t.same(lines, ["Reading the grants"]);
  world.note("a note is no result");
  t.same(lines, ["Reading the grants"]);
  world.print("yes");
  t.same(lines, []);
  await world.connect({});
  t.same(lines, [], "nor afterwards: a watch goes on");
});

for (const result of ["redraw", "document"] as const)
  t.test(`${result} is a result`, async (t) => {
    const { lines, world } = told();
    await world.connect({});
    world[result]("yes");
    t.same(lines, []);
  });

t.test("a look that found nothing to print is a result as well", async (t) => {
  const { lines, world } = told();
  await world.connect({});
  t.same(lines, ["Reading the grants"]);
  await world.printed();
  t.same(lines, []);
});

t.test("the end of the command is the end, also where nothing was printed", async (t) => {
  const { lines, world, end } = told();
  await world.connect({});
  end();
  t.same(lines, []);
});

t.test("it gives way to what the command says by itself, and comes back", async (t) => {
  const { lines, world } = told();
  await world.connect({});
  const own = world.progress("checking");
  own.update("checked 1 of 2");
  t.same(lines, ["checked 1 of 2"]);
  own.end();
  own.end();
  t.same(lines, ["Reading the grants"]);
});

for (const question of ["confirm", "input", "select"] as const)
  t.test(`nothing is drawn below a question (${question})`, async (t) => {
    const { lines, world, answer } = told();
    await world.connect({});
    const asked = question === "select" ? world.ask.select("Which?", [], "--x") : world.ask[question]("Really?", "-y");
    t.same(lines, []);
    answer.reject(new Error("declined"));
    await t.rejects(asked, { message: "declined" });
    t.same(lines, ["Reading the grants"]);
  });

t.test("another program gets a terminal on which nothing is drawn", async (t) => {
  const { lines, world } = told();
  await world.connect({});
  await t.rejects(world.exec("mirrord", [], {}));
  t.same(lines, []);
});
