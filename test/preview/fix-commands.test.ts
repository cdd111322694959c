import t from "tap";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { roleCommands } from "../../lib/preview/fix-commands.ts";
import { roleObjects } from "../../lib/preview/fix-role.ts";
import { saysKept } from "../kept-text.ts";

const ask = (verb: string, type: string, more: object = {}): AccessAttributes => {
  const [apiGroup = "", resource = "", subresource] = type.split("/");
  return { verb, apiGroup, resource, ...(subresource === undefined ? {} : { subresource }), namespace: "dev", ...more };
};

const requests: [what: string, requests: AccessAttributes[], user?: string][] = [
  ["one read", [ask("get", "/pods")]],
  ["a type of a group", [ask("patch", "apps/deployments/scale", { name: "web" })]],
  ["a type that is cluster-scoped", [{ verb: "list", apiGroup: "", resource: "nodes" }]],
  ["a path", [{ verb: "get", path: "/metrics" }]],
  ["a path by a verb that kubectl does not take", [{ verb: "watch", path: "/metrics" }]],
  ["several names", [ask("get", "/configmaps", { name: "a" }), ask("get", "/configmaps", { name: "b" })]],
  ["a name with a comma", [ask("get", "/configmaps", { name: "a,b" })]],
  ["a verb that kubectl does not know", [ask("use", "example.com/things")]],
  ["a custom type", [ask("get", "example.com/things")]],
  ["a type that kubectl may take for another", [ask("get", "short/things")]],
  ["a type in capitals", [ask("get", "example.com/Things")]],
  ["every type of a group", [ask("get", "example.com/*")]],
  ["several rules", [ask("get", "/pods"), ask("list", "apps/deployments")]],
  ["two namespaces", [ask("get", "/pods"), ask("get", "/pods", { namespace: "qa" })]],
  ["a service account", [ask("get", "/pods")], "system:serviceaccount:ci:runner"],
  ["a name that a grant refuses", [ask("get", "/pods")], "jim\u200b"],
  ["a long name", [ask("get", "/pods")], `-${"Very.Long@".repeat(6)}-`],
  ["a connection", [ask("proxy", "operator.metalbear.co/targets", { name: "deployment.web" })]],
];
for (const [what, asked, user = "jim"] of requests) {
  t.test(`the role that allows exactly ${what}`, async (t) => {
    const objects = roleObjects(user, asked);
    saysKept(t, import.meta.filename, what, () =>
      roleCommands(objects, { connection: ["--context", "c"], manifests: [] }),
    );
  });
}

t.test("a folder of very many slashes is named as it is", async (t) => {
  const folder = `${"/".repeat(400_000)}x`;
  const objects = roleObjects("jim", [ask("get", "/pods")]);
  const [command = ""] = roleCommands(objects, { connection: [], manifests: [`${folder}//`] });
  t.ok(command.includes(` > ${folder}/mirrord-`), command.slice(0, 200));
});

const folders = [
  ["cluster"],
  ["cluster//"],
  ["a.yaml"],
  ["a.yml"],
  ["a.json"],
  ["-"],
  ["-", "cluster"],
  ["a.json", "cluster"],
];
for (const manifests of folders) {
  t.test(`the role goes to ${manifests.join(" and ")}`, async (t) => {
    const objects = roleObjects("jim", [ask("get", "/pods")]);
    saysKept(t, import.meta.filename, manifests.join(" "), () => roleCommands(objects, { connection: [], manifests }));
  });
}
