import t from "tap";
import { isKnownPathVerb, isKnownVerb } from "../../lib/kubernetes/verbs.ts";

for (const [verb, known] of [
  ["get", true],
  ["*", true],
  ["proxy", true],
  ["impersonate:user-info", true],
  ["impersonate-on:user-info:get", true],
  ["read", false],
  ["GET", false],
  ["", false],
] as const)
  t.test(`${JSON.stringify(verb)} is ${known ? "a" : "no"} verb of the API`, async (t) => {
    t.equal(isKnownVerb(verb), known);
  });

for (const [verb, known] of [
  ["get", true],
  ["post", true],
  ["*", true],
  ["list", false],
  ["create", false],
  ["", false],
] as const)
  t.test(`${JSON.stringify(verb)} is ${known ? "a" : "no"} verb of a path`, async (t) => {
    t.equal(isKnownPathVerb(verb), known);
  });
