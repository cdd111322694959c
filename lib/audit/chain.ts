// How the people of a finding come to their access, station by station: subject, team, binding, role, and what it allows.

import type { StoredGrant } from "../access/stored.ts";
import { boundSubject, formatSubject, isShared } from "../access/subject.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import { referenceText, type KubernetesObject } from "../kubernetes/object.ts";
import type { RbacRef } from "../rbac/types.ts";
import type { AuditFinding } from "./finding.ts";

/** One station; several names are alternatives, such as all the bindings of one role. */
export interface ChainLink {
  kind: "subject" | "team" | "binding" | "role" | "target";
  names: string[];
  /** How one gets here from the station before, where that has words of its own. */
  by?: string;
}

export interface ChainFacts {
  rbac: readonly KubernetesObject[];
  grants: readonly { grant: StoredGrant }[];
}

/** The chain of a finding; empty where it is about an object that gives nobody anything. Pure. */
export function accessChains(facts: ChainFacts): (finding: AuditFinding) => ChainLink[] {
  const objects = new Map(facts.rbac.map((object) => [keyByKind(object.kind, object.metadata), object]));
  const grants = new Map(
    facts.grants.flatMap(({ grant }) =>
      grant.objects.map(({ object }): [string, StoredGrant] => [keyByKind(object.kind, object.metadata), grant]),
    ),
  );
  const known: Known = {
    object: (ref) => objects.get(keyByKind(ref.kind, ref)),
    grant: (ref) => grants.get(keyByKind(ref.kind, ref)),
  };
  return (finding) =>
    finding.path === undefined ? directChain(finding, known) : pathChain(finding, finding.path, known);
}

interface Known {
  object: (ref: RbacRef) => KubernetesObject | undefined;
  grant: (ref: RbacRef) => StoredGrant | undefined;
}

function directChain({ subject, evidence, who }: AuditFinding, known: Known): ChainLink[] {
  const named = [subject, ...evidence];
  const bindings = named.filter(isBinding);
  const given = named.filter(isRole);
  const roles = given.length > 0 ? given : bindings.flatMap((binding) => roleBehind(known.object(binding)));
  if (bindings.length + roles.length === 0) return [];
  return [
    link("subject", who.length > 0 ? who : bindings.flatMap((binding) => subjectsIn(known.object(binding)))),
    link("team", teams(bindings, known)),
    link("binding", bindings.map(referenceText)),
    link("role", roles.map(referenceText)),
    link("target", places(bindings, known)),
  ].filter(({ names }) => names.length > 0);
}

function pathChain({ who, leadsTo }: AuditFinding, path: NonNullable<AuditFinding["path"]>, known: Known): ChainLink[] {
  const steps = path.flatMap(({ becomes, by, namespace, binding, role }): ChainLink[] => {
    const how = namespace === undefined ? by : `${by} in ${namespace}`;
    return [
      link("team", teams([binding], known)),
      link("binding", [referenceText(binding)]),
      link("role", [referenceText(role)]),
      ...(becomes === "" ? [] : [{ ...link("subject", [becomes]), by: how }]),
    ];
  });
  const last = path.at(-1);
  const end = link("target", leadsTo === undefined ? [] : [leadsTo]);
  return [
    link("subject", who),
    ...steps,
    last?.becomes === ""
      ? { ...end, by: last.namespace === undefined ? last.by : `${last.by} in ${last.namespace}` }
      : end,
  ].filter(({ names }) => names.length > 0);
}

const link = (kind: ChainLink["kind"], names: readonly string[]): ChainLink => ({ kind, names: [...new Set(names)] });

const isBinding = (ref: { kind: string }): ref is RbacRef =>
  ref.kind === "ClusterRoleBinding" || ref.kind === "RoleBinding";
const isRole = (ref: { kind: string }): ref is RbacRef => ref.kind === "ClusterRole" || ref.kind === "Role";

/** A binding that is not there any more, or may not be read, has none. */
function roleBehind(binding: KubernetesObject | undefined): RbacRef[] {
  const { kind, name } = objectIn(binding?.["roleRef"]);
  const { namespace } = binding?.metadata ?? {};
  if (kind === "ClusterRole") return [{ kind, name: textIn(name) }];
  return kind === "Role" && namespace !== undefined ? [{ kind, namespace, name: textIn(name) }] : [];
}

function subjectsIn(binding: KubernetesObject | undefined): string[] {
  return listIn(binding?.["subjects"]).flatMap((subject) => {
    const bound = boundSubject(objectIn(subject), binding?.metadata.namespace);
    return bound === undefined ? [] : [formatSubject(bound)];
  });
}

/** Those for whom grants made the bindings. */
function teams(bindings: readonly RbacRef[], known: Known): string[] {
  return bindings.flatMap((binding) => {
    const subject = known.grant(binding)?.intent?.subject;
    return subject !== undefined && isShared(subject) ? [formatSubject(subject)] : [];
  });
}

/** Where the bindings hold; of a grant that is limited to targets, those. */
function places(bindings: readonly RbacRef[], known: Known): string[] {
  return bindings.flatMap((binding) => {
    const place = binding.namespace === undefined ? "every namespace" : `namespace ${binding.namespace}`;
    const targets = known.grant(binding)?.intent?.targets ?? [];
    return targets.length === 0 || binding.namespace === undefined
      ? [place]
      : targets.map((target) => `${target} in ${place}`);
  });
}
