import type { Intent } from "../../access/intent.ts";
import { formatSubject } from "../../access/subject.ts";
import { timestamp } from "../../instant.ts";
import { shellQuote } from "../../preview/fix.ts";
import type { Lifetime } from "./expiry.ts";
import { grantVerbs } from "./verbs.ts";

/** The command that prints the grant as a manifest, for somebody else to apply. */
export function grantCommand(
  { subject, role, set, targets, reads, allowCopy }: Intent,
  options: { reason: string | undefined; lifetime: Lifetime | undefined },
): string {
  const { reason, lifetime } = options;
  const places =
    set.kind === "all"
      ? ["-A"]
      : [
          ...set.namespaces.flatMap((namespace) => ["--ns", namespace]),
          ...(set.selectors ?? []).flatMap((selector) => ["-l", selector]),
          ...(set.selectors === undefined ? [] : ["--accept-label-risk"]),
        ];
  const words = [
    formatSubject(subject, grantVerbs),
    ...places,
    ...(role === "user" ? [] : ["--role", role]),
    ...targets.flatMap((target) => ["--target", target]),
    ...(reads ? [] : ["--no-reads"]),
    ...(allowCopy === true ? ["--allow-copy"] : []),
    ...lifetimeWords(lifetime),
    ...(reason === undefined ? [] : ["--reason", reason]),
    "--dry-run=client",
    "-o",
    "yaml",
  ];
  return `kubectl mirrord grant ${words.map(shellQuote).join(" ")}`;
}

function lifetimeWords(lifetime: Lifetime | undefined): string[] {
  if (lifetime === undefined) return [];
  return "for" in lifetime ? ["--for", `${Math.round(lifetime.for / 1000)}s`] : ["--until", timestamp(lifetime.until)];
}
