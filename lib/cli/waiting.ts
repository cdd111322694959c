import type { Progress, World } from "./world.ts";

/**
 * A world that says what is waited for from the moment that a cluster is asked for until a result is there. It gives way
 * to what the command says by itself, and to questions.
 * @param label for example `Reading the grants`
 */
export function waitingWorld(world: World, label: string): { world: World; end(): void } {
  let line: Progress | undefined;
  let isConnected = false;
  let isOver = false;
  let others = 0;

  const show = (): void => {
    if (isConnected && !isOver && others === 0) line ??= world.progress(label);
  };
  const hide = (): void => {
    line?.end();
    line = undefined;
  };
  const end = (): void => {
    isOver = true;
    hide();
  };
  const giveWay = (): (() => void) => {
    let isBack = false;
    others += 1;
    hide();
    return () => {
      if (!isBack) others -= 1;
      isBack = true;
      show();
    };
  };
  const over = <Args extends unknown[], Result>(act: (...args: Args) => Result): ((...args: Args) => Result) => {
    return (...args) => {
      end();
      return act(...args);
    };
  };
  const asking = <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      const back = giveWay();
      return await ask(...args).finally(back);
    };
  };
  const { ask } = world;
  return {
    end,
    world: {
      ...world,
      connect(options) {
        isConnected = true;
        show();
        return world.connect(options);
      },
      print: over(world.print),
      redraw: over(world.redraw),
      document: over(world.document),
      // A watch has looked, and may have found nothing to print.
      printed: over(world.printed),
      exec: over(world.exec),
      compare: over(world.compare),
      edit: asking(world.edit),
      ask: {
        confirm: asking(ask.confirm),
        input: asking(ask.input),
        select: async (...asked) => {
          const back = giveWay();
          return await ask.select(...asked).finally(back);
        },
      },
      progress(text) {
        const back = giveWay();
        const own = world.progress(text);
        return {
          update: own.update,
          end() {
            own.end();
            back();
          },
        };
      },
    },
  };
}
