import { isJsonObject } from "../../../json.ts";
import type { MirrordPolicy } from "../spec.ts";
import { compileRustRegex, type RustRegex } from "../rust-regex.ts";

/** A regular expression of a policy, with the place where it stands. */
export interface PolicyExpression {
  path: string;
  text: string;
  /** What it is compared with. */
  subject: "header" | "file" | "hostname";
  state: RustRegex["state"];
  regex: RustRegex;
}

/** Every regular expression that a policy holds; values of other types are left out. */
export function policyExpressions(policy: MirrordPolicy): PolicyExpression[] {
  const spec = at(policy, "spec");
  const network = at(spec, "network");
  const outgoing = at(network, "outgoing");
  const found: { path: string; text: unknown; subject: PolicyExpression["subject"] }[] = [
    {
      path: "spec.network.incoming.httpFilter.headerFilter",
      text: at(at(at(network, "incoming"), "httpFilter"), "headerFilter"),
      subject: "header",
    },
    ...["local", "notFound", "readOnly"].flatMap((list) =>
      listAt(at(spec, "fs"), list).map((text, index) => ({
        path: `spec.fs.${list}[${index}]`,
        text,
        subject: "file" as const,
      })),
    ),
    ...["allow", "block"].flatMap((list) =>
      listAt(outgoing, list).map((rule, index) => ({
        path: `spec.network.outgoing.${list}[${index}].hostname`,
        text: at(rule, "hostname"),
        subject: "hostname" as const,
      })),
    ),
  ];
  return found.flatMap(({ path, text, subject }) => {
    if (typeof text !== "string") return [];
    const regex = compileRustRegex(text);
    return [{ path, text, subject, state: regex.state, regex }];
  });
}

function at(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function listAt(value: unknown, name: string): unknown[] {
  const list = at(value, name);
  return Array.isArray(list) ? list : [];
}
