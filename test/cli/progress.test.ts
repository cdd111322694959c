import t from "tap";
import { progressLine } from "../../lib/cli/progress.ts";

/** Collects what is written, and lets a test wait for it. */
function recorder(): { write(text: string): void; written: string[]; count(wanted: number): Promise<void> } {
  const written: string[] = [];
  let check = (): void => {};
  return {
    written,
    write(text) {
      written.push(text);
      check();
    },
    async count(wanted) {
      // The timers of a progress line keep no process alive; waiting must.
      const alive = setInterval(() => {}, 1000);
      await new Promise<void>((resolve) => {
        check = () => {
          if (written.length >= wanted) resolve();
        };
        check();
      });
      clearInterval(alive);
    },
  };
}

const CLEAR = "\r\u001b[K";

t.test("what is fast stays silent", async (t) => {
  const { write, written } = recorder();
  const line = progressLine("Reading", { write, terminal: true });
  line.update("Still reading");
  line.end();
  t.same(written, []);
});

t.test("on a terminal the line is redrawn, and gone at the end", async (t) => {
  const { write, written, count } = recorder();
  const line = progressLine("Reading", { write, terminal: true, delayMilliseconds: 1 });
  await count(1);
  t.equal(written[0], `${CLEAR}Reading …`);
  line.update("Reading 2 of 3 \u001b]0;title");
  await count(written.length + 1);
  t.equal(written.at(-1), `${CLEAR}Reading 2 of 3 ^[]0;title …`);
  line.end();
  t.equal(written.at(-1), CLEAR);
  const after = written.length;
  line.end();
  line.clear();
  t.equal(written.length, after, "nothing is written any more");
});

t.test("other text may take the line's place for a while", async (t) => {
  const { write, written, count } = recorder();
  const line = progressLine("Reading", { write, terminal: true, delayMilliseconds: 1 });
  await count(1);
  line.clear();
  t.equal(written.at(-1), CLEAR);
  await count(written.length + 1);
  t.equal(written.at(-1), `${CLEAR}Reading …`);
  line.end();
});

t.test("elsewhere each message is a line that stays", async (t) => {
  const { write, written, count } = recorder();
  const line = progressLine("Reading", { write, terminal: false, delayMilliseconds: 1, repeatMilliseconds: 1 });
  await count(2);
  line.end();
  t.same([...new Set(written)], ["Reading …\n"]);
});

t.test("a line is no wider than the terminal, which could not take it away", async (t) => {
  const { write, written, count } = recorder();
  const line = progressLine("Reading the roles and bindings", {
    write,
    terminal: true,
    columns: 12,
    delayMilliseconds: 1,
  });
  await count(1);
  line.end();
  t.equal(written[0], `${CLEAR}Reading t …`);
});
