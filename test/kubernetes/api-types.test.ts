// What the types forbid, held by the type checker: a line below `@ts-expect-error` that had no fault would be one. The rest shows
// by the library's own serializer why the keys matter.
import { createRequire } from "node:module";
import t from "tap";
import type {
  V1CustomResourceDefinition,
  V1Job,
  V1LimitRange,
  V1NetworkPolicy,
  V1ObjectMeta,
  V1Service,
} from "@kubernetes/client-node";
import { fieldsIn, type ApiObject, type Json } from "../../lib/kubernetes/api-types.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const metadata: Json<V1ObjectMeta> = { name: "web", creationTimestamp: "2026-01-02T03:04:05Z" };
// @ts-expect-error A time is a text.
const dated: Json<V1ObjectMeta> = { creationTimestamp: new Date(0) };

const service: ApiObject<V1Service> = { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 80 }] } };
// @ts-expect-error An object says what it is.
const nameless: ApiObject<V1Service> = { metadata };
// @ts-expect-error No such field.
const mistyped: ApiObject<V1Service> = { apiVersion: "v1", kind: "Service", metadata, spec: { port: 80 } };

// Anything built so is an object of ours, without a cast.
const object: KubernetesObject = service;

const job: ApiObject<V1Job> = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata,
  // @ts-expect-error A number where the API has one.
  spec: { ttlSecondsAfterFinished: "60", template: {} },
};

const rule = { from: [{ podSelector: {} }] };
const networkPolicy: ApiObject<V1NetworkPolicy> = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata,
  // @ts-expect-error The library calls the field `_from`, so that nobody may write such a rule by its type.
  spec: { podSelector: {}, ingress: [rule] },
};

const limitRange: ApiObject<V1LimitRange> = {
  apiVersion: "v1",
  kind: "LimitRange",
  metadata,
  // @ts-expect-error The same for `default`.
  spec: { limits: [{ type: "Container", default: { cpu: "1" } }] },
};

const definition: Json<NonNullable<V1CustomResourceDefinition["spec"]["versions"]>>[number] = {
  name: "v1",
  served: true,
  storage: true,
  // @ts-expect-error And for `default` and `enum` of schemas.
  schema: { openAPIV3Schema: { type: "string", default: "a", enum: ["a"] } },
};

t.test("an object built by its type is plain JSON", async (t) => {
  t.same(JSON.parse(JSON.stringify(object)), service);
  t.ok([dated, nameless, mistyped, job, limitRange, definition].every((each) => typeof each === "object"));
});

t.test("fields of what is no object are unset, and their names are the API's", async (t) => {
  for (const value of [undefined, null, "x", 1, []]) t.equal(fieldsIn<V1ObjectMeta>(value).name, undefined);
  t.equal(fieldsIn<V1ObjectMeta>(metadata).name, "web");
  // @ts-expect-error No such field.
  t.equal(fieldsIn<V1ObjectMeta>(metadata).nam, undefined);
});

t.test("the library's serializer drops a rule's `from`, which would let everybody in", async (t) => {
  const require = createRequire(import.meta.url);
  const models = require.resolve("@kubernetes/client-node").replace(/index\.js$/, "gen/models/ObjectSerializer.js");
  const { ObjectSerializer } = await import(models);
  const written = ObjectSerializer.serialize(networkPolicy, "V1NetworkPolicy", "");
  t.same(written.spec.ingress, [{}]);
});
