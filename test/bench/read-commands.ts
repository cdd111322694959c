// A run of every command that reads, from the table of all commands: one that is not known here is an error.
import { join } from "node:path";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { all } from "../../plugins/all.ts";

export interface ReadCommand {
  /** As the table has it, and what is special about the run. */
  name: string;
  words: string[];
}

/** Any of the cluster's objects, for commands that show one. */
interface Samples {
  grant: string;
  session: string;
}

/** They write, or go on until they are interrupted. */
const others =
  /^(install|install (upgrade|uninstall)|grant|grant (extend|revoke)|grant (org|team|collection|admin|role) (create|add|remove|move|delete|assign|unassign|edit)|session (watch|kill)|policy (create|edit|apply|delete))$/;

/** @param folder has an operator's log, operator.log, and a policy in policy.yaml; a snapshot is written there */
export async function readCommands(folder: string, { grant, session }: Samples): Promise<ReadCommand[]> {
  const [log, policy, snapshot] = ["operator.log", "policy.yaml", "snapshot.json"].map((file) => join(folder, file));
  const lines = [
    "install status",
    "install verify",
    "install secure-defaults report",
    "grant list",
    "grant list -o json",
    `grant describe ${grant}`,
    "grant explain person-0 deploy/web -n ns-0",
    "grant sync --check",
    "grant matrix",
    "grant matrix person-0",
    "grant org list",
    "grant org describe org-0",
    "grant team list",
    "grant team describe org-0/web",
    "grant collection list",
    "grant collection describe c0",
    "grant collection tree",
    "grant admin list",
    "grant role list",
    "grant role describe user",
    "grant whoami",
    "can-i steal deploy/web -n ns-0",
    "can-i steal deploy/web -n ns-0 --as person-0 --explain",
    "can-i --list -n ns-0 --as person-0",
    "session list -A",
    "session list -A -o json",
    `session describe ${session}`,
    "session status",
    "session stats",
    "policy list -A",
    "policy get no-steal -n ns-0",
    "policy describe no-steal -n ns-0",
    `policy diff -f ${policy}`,
    "policy test deploy/web -n ns-0",
    "policy lint",
    "audit",
    "audit who-can steal deploy/web -n ns-0",
    "audit who-can get secrets -A",
    "audit matrix",
    "audit privileged",
    "audit findings",
    `audit usage --log ${log}`,
    `audit snapshot -o ${snapshot}`,
    `audit unused --days 1 --log ${log}`,
    "audit drift",
    `audit diff --overlay ${policy}`,
  ];
  const names = await commandNames();
  const commands = lines.map((line): ReadCommand & { command: string } => {
    const words = line.split(" ");
    const command = names
      .filter((name) => `${line} `.startsWith(`${name} `))
      .toSorted((a, b) => b.length - a.length)[0];
    if (command === undefined) throw new Error(`no command: ${line}`);
    const shown = words
      .filter((word) => !word.startsWith(folder))
      .join(" ")
      .replace(grant, "ID")
      .replace(session, "ID");
    return { name: shown, words, command };
  });
  const missing = names.filter((name) => !others.test(name) && !commands.some(({ command }) => command === name));
  if (missing.length > 0) throw new Error(`no run of ${missing.join(", ")}`);
  return commands;
}

/** Those that reach a cluster. */
async function commandNames(): Promise<string[]> {
  const walk = async (verb: Verb): Promise<Command[]> => {
    const command = await load(verb);
    return [command, ...(await Promise.all(command.verbs.map(walk))).flat()];
  };
  const commands = await walk(dispatcher(all, "kubectl-mirrord", ""));
  return commands.filter(({ flags, run }) => run !== undefined && "server" in flags).map(({ name }) => name);
}
