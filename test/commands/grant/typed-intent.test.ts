import t from "tap";
import { exampleMemory, deployment, runGrant } from "../grant-world.ts";

const cluster = exampleMemory(
  deployment("qa", "cart", "cart"),
  { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db", namespace: "dev" }, spec: {} },
  { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "dev" }, spec: {} },
  deployment("qa", "db", "db"),
);
const grant = (...words: string[]) => runGrant(["jim", ...words, "--dry-run=client", "-o", "name"], { cluster });

t.test("a target is written as can-i and kubectl write it", async (t) => {
  const { stdout } = await grant("--ns", "dev", "--target", "deployment/cart");
  for (const target of [
    "deploy/cart",
    "deployments/cart",
    "deployment.apps/cart",
    "deployments.v1.apps/cart",
    "cart",
  ]) {
    const ran = await grant("--ns", "dev", "--target", target);
    t.match(ran, { code: 0, stdout, stderr: "" }, target);
  }
  t.equal((await grant("--ns", "dev", "--ns", "qa", "--target", "cart")).code, 0, "one kind in each namespace");
});

const refused: [words: string[], message: RegExp, hint: RegExp][] = [
  [["--ns", "dev", "--target", "web"], /deployment\/web and service\/web/, /deployment\/web or service\/web/],
  [["--ns", "dev", "--target", "nope"], /nothing in namespace "dev".*"nope"/, /kubectl get/],
  [
    ["--ns", "dev", "--ns", "qa", "--target", "db"],
    /"db" is statefulset\/db in dev and deployment\/db in qa/,
    /--target/,
  ],
  [["-l", "env=test", "--target", "web"], /"web" has no kind, and a selector/, /--target deployment\/web/],
  [["--ns", "dev", "--target", "ds/web"], /cannot target a DaemonSet/, /pod\/NAME/],
  [["--target", "cart"], /missing: namespaces/, /--ns/],
];
for (const [words, message, hint] of refused) {
  t.test(`${words.join(" ")} is refused`, async (t) => {
    t.match(await grant(...words), { code: 2, error: { message, hint } });
  });
}
