// Copies of the engine, each broken in one place the way authorizers are: the comparison must notice every one.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { authorizer } from "../../lib/rbac/authorizer.ts";

export interface Mutant {
  /** What it gets wrong. */
  name: string;
  file: string;
  /** Occurs exactly once in the file. */
  from: string;
  to: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: "any resource with a subresource is not a pattern",
    file: "decide/rule-table.ts",
    from: `if (question.subresource !== "") pushKnown(atoms, resources.get(question.anyWithSubresource));`,
    to: ``,
  },
  {
    name: "a resource with a star for the subresource is a pattern",
    file: "decide/rule-table.ts",
    from: `pushKnown(atoms, resources.get("*"));`,
    to: `pushKnown(atoms, resources.get("*")); pushKnown(atoms, resources.get(question.resource.split("/")[0] + "/*"));`,
  },
  {
    name: "a resource includes its subresources",
    file: "decide/rule-table.ts",
    from: `pushKnown(atoms, resources.get("*"));`,
    to: `pushKnown(atoms, resources.get("*")); pushKnown(atoms, resources.get(question.resource.split("/")[0] ?? ""));`,
  },
  {
    name: "the resource star stands for resources only, not for subresources",
    file: "decide/rule-table.ts",
    from: `pushKnown(atoms, resources.get("*"));`,
    to: `if (question.subresource === "") pushKnown(atoms, resources.get("*"));`,
  },
  {
    name: "a slash in the resource is a subresource",
    file: "decide/question.ts",
    from: `const subresource = request.subresource ?? "";`,
    to: `const subresource = request.subresource || (request.resource.split("/")[1] ?? "");`,
  },
  {
    name: "a request without a name matches every limit to names",
    file: "decide/rule-table.ts",
    from: `(names === "any" || names.has(name))`,
    to: `(names === "any" || name === "" || names.has(name))`,
  },
  {
    name: "a star among the names is every name",
    file: "decide/rule-table.ts",
    from: `(names === "any" || names.has(name))`,
    to: `(names === "any" || names.has("*") || names.has(name))`,
  },
  {
    name: "a limit to names takes the place of an earlier grant without one",
    file: "decide/rule-table.ts",
    from: `if (known === "any") return;\n  const added = known ?? new Set<string>();`,
    to: `const added = known === undefined || known === "any" ? new Set<string>() : known;`,
  },
  {
    name: "verbs are compared without regard to case",
    file: "decide/question.ts",
    from: `return {\n    verb: request.verb,`,
    to: `return {\n    verb: request.verb.toLowerCase(),`,
  },
  {
    name: "the core group is every group",
    file: "decide/rule-table.ts",
    from: `if (question.apiGroup !== "*") groupAtoms(groups.get("*"), question, atoms);`,
    to: `groupAtoms(groups.get("*"), question, atoms); groupAtoms(groups.get(""), question, atoms);`,
  },
  {
    name: "a star in the question is every verb",
    file: "decide/rule-table.ts",
    from: `verbAtoms(dictionary.resources.get(question.verb), question, atoms);`,
    to: `verbAtoms(dictionary.resources.get(question.verb === "*" ? "get" : question.verb), question, atoms);`,
  },
  {
    name: "only one trailing star of a path is cut",
    file: "decide/rule-match.ts",
    from: `while (end > 0 && pattern[end - 1] === "*") end -= 1;`,
    to: `end -= 1;`,
  },
  {
    name: "a path with a star stops at the next slash",
    file: "decide/rule-table.ts",
    from: `if (length <= path.length) pushKnown`,
    to: `if (length <= path.length && !path.slice(length).includes("/")) pushKnown`,
  },
  {
    name: "a service account without a namespace is nobody",
    file: "decide/subjects.ts",
    from: `subject.namespace ? subject.namespace : bindingNamespace`,
    to: `subject.namespace ?? ""`,
  },
  {
    name: "a service account is not a user",
    file: "decide/authorize.ts",
    from: `collectTables(index, scopesOfPrincipal(index.users.get(name)), namespace, tables);`,
    to: `if (!request.user.name.startsWith("system:serviceaccount:")) collectTables(index, scopesOfPrincipal(index.users.get(name)), namespace, tables);`,
  },
  {
    name: "the groups of a service account are implied",
    file: "decide/authorize.ts",
    from: `if (tables.length === 0) return false;`,
    to: `if (name.startsWith("system:serviceaccount:")) collectTables(index, scopesOfPrincipal(index.groups.get("system:serviceaccounts:" + name.split(":")[2])), namespace, tables);`,
  },
  {
    name: "a user called system:masters may do everything",
    file: "decide/authorize.ts",
    from: `if (groups.includes(MASTERS)) return true;`,
    to: `if (groups.includes(MASTERS) || name === MASTERS) return true;`,
  },
  {
    name: "RoleBindings count in every namespace",
    file: "decide/authorize.ts",
    from: `const here = scopes.get(namespace);`,
    to: `for (const [scope, grants] of scopes) if (scope !== "") tables.push(...grantsTables(index, grants));\n  const here = scopes.get(namespace);`,
  },
  {
    name: "a Role is found by its name alone",
    file: "decide/rbac-index.ts",
    from: `: index.roles.get(namespace)?.get(roleRef.name);`,
    to: `: [...index.roles.values()].map((named) => named.get(roleRef.name)).find((found) => found !== undefined);`,
  },
  {
    name: "a binding to a role that does not exist ends the search",
    file: "decide/rbac-index.ts",
    from: `for (const { role } of grants.bindings) if (role !== undefined) roles.add(role);`,
    to: `for (const { role } of grants.bindings) {\n    if (role === undefined) break;\n    roles.add(role);\n  }`,
  },
];

/** The broken engine, and what removes it again. */
export async function plant({
  file,
  from,
  to,
}: Mutant): Promise<{ authorizer: typeof authorizer; remove: () => Promise<void> }> {
  const copy = await mkdtemp(join(tmpdir(), "rbac-mutant-"));
  const folder = join(copy, "rbac");
  const lib = join(import.meta.dirname, "../../lib");
  await cp(join(lib, "rbac"), folder, { recursive: true });
  // The leaves that the engine imports.
  for (const leaf of ["json.ts", "errors.ts", "text", "kubernetes"]) {
    await cp(join(lib, leaf), join(copy, leaf), { recursive: true });
  }
  const source = await readFile(join(folder, file), "utf8");
  if (source.split(from).length !== 2) throw new Error(`not exactly once in ${file}: ${from}`);
  await writeFile(
    join(folder, file),
    source.replace(from, () => to),
  );
  await writeFile(join(copy, "package.json"), `{"type":"module"}`);
  const broken: { authorizer: typeof authorizer } = await import(pathToFileURL(join(folder, "authorizer.ts")).href);
  return { authorizer: broken.authorizer, remove: () => rm(copy, { recursive: true }) };
}
