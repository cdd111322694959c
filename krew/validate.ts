// What krew, and the check of its index, would refuse. Source: krew's internal/index/validation and cmd/validate-krew-manifest.
import { posix } from "node:path";
import { parseDocuments } from "../lib/yaml.ts";
import type { Entry } from "./archive.ts";

interface Platform {
  selector?: { matchLabels?: Record<string, string>; matchExpressions?: Expression[] };
  uri?: string;
  sha256?: string;
  bin?: string;
  files?: { from?: string; to?: string }[];
}

interface Expression {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string };
  spec?: { version?: string; shortDescription?: string; description?: string; platforms?: Platform[] };
}

/** Every platform that krew's index knows. */
const known: readonly [os: string, arch: string][] = [
  ...["386", "amd64", "arm64"].map((arch): [string, string] => ["windows", arch]),
  ...["386", "amd64", "arm", "arm64", "ppc64le"].map((arch): [string, string] => ["linux", arch]),
  ...["386", "amd64", "arm64"].map((arch): [string, string] => ["darwin", arch]),
];

const devices = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
const semver = /^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Nothing for a manifest that may be published as `fileName`; else a sentence for each mistake. */
export function manifestMistakes(text: string, fileName: string): string[] {
  const [document] = parseDocuments(text, { source: fileName });
  const { apiVersion, kind, metadata, spec } = (document ?? {}) as Manifest;
  const name = metadata?.name ?? "";
  const platforms = spec?.platforms ?? [];
  return [
    ...mistake(apiVersion !== "krew.googlecontainertools.github.com/v1alpha2", "apiVersion is another one"),
    ...mistake(kind !== "Plugin", "kind is not Plugin"),
    ...mistake(
      !/^[\w-]+$/.test(name) || devices.test(name),
      `metadata.name ${JSON.stringify(name)} is no name of a plugin`,
    ),
    ...mistake(fileName !== `${name}.yaml`, `the file must be named ${name}.yaml`),
    ...mistake(!semver.test(spec?.version ?? ""), "spec.version is not vMAJOR.MINOR.PATCH"),
    ...mistake(!/^[^\r\n]{1,50}$/.test(spec?.shortDescription ?? ""), "spec.shortDescription is not one line of 50"),
    ...mistake((spec?.description ?? "") === "", "spec.description is missing"),
    ...mistake(platforms.length === 0, "spec.platforms is empty"),
    ...platforms.flatMap((platform, index) =>
      platformMistakes(platform).map((one) => `spec.platforms[${index}]: ${one}`),
    ),
    ...known.flatMap(([os, arch]) => {
      const matching = platforms.filter((platform) => selects(platform, { os, arch })).length;
      return mistake(matching > 1, `${os}/${arch} is selected ${matching} times`);
    }),
  ];
}

function platformMistakes({ selector, uri = "", sha256 = "", bin = "", files, ...rest }: Platform): string[] {
  const keys = [
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map(({ key }) => key),
  ];
  const matches = known.some(([os, arch]) => selects({ selector: selector ?? {}, ...rest }, { os, arch }));
  return [
    ...mistake(selector === undefined, "selector is missing"),
    ...mistake(!keys.every((key) => key === "os" || key === "arch"), "a selector may ask for os and arch only"),
    ...mistake(!matches, "no platform is selected"),
    ...mistake(!/^https?:\/\/[^/]+\/.*\.(tar\.gz|zip)$/.test(uri), "uri is not the http(s) address of a tar.gz or zip"),
    ...mistake(!/^[a-f0-9]{64}$/.test(sha256), "sha256 is not 64 digits in lower case"),
    ...mistake(!isInside(bin), "bin is not inside the plugin's folder"),
    ...mistake(files?.length === 0, "files is empty"),
    ...(files ?? []).flatMap(({ from = "", to = "" }) => [
      ...mistake(!isInside(from), `files: ${JSON.stringify(from)} is not inside the archive`),
      ...mistake(to !== "." && !isInside(to), `files: ${JSON.stringify(to)} is not inside the plugin's folder`),
    ]),
  ];
}

/** Nothing for an archive that krew can unpack and that holds what a platform of the manifest takes from it. */
export function archiveMistakes(found: readonly Entry[], { bin, files }: Pick<Platform, "bin" | "files">): string[] {
  const program = found.find(({ path }) => path === bin);
  return [
    ...found.flatMap(({ path, type }) => [
      ...mistake(type !== "File" && type !== "Directory", `${path} is a ${type}, which krew cannot unpack`),
      ...mistake(!isInside(path), `${path} is not inside the archive`),
    ]),
    ...mistake(program === undefined, `${bin ?? ""} is missing`),
    ...mistake(program !== undefined && (program.mode & 0o111) !== 0o111, `${bin ?? ""} cannot be run by everybody`),
    ...(files ?? []).flatMap(({ from }) =>
      mistake(!found.some(({ path }) => path === from), `${from ?? ""} is missing`),
    ),
    ...mistake(!(files ?? []).some(({ from }) => /^(LICENSE|COPYING)/.test(from ?? "")), "no licence is extracted"),
  ];
}

function selects({ selector = {} }: Platform, platform: { os: string; arch: string }): boolean {
  const value = (key: string): string | undefined => (platform as Record<string, string>)[key];
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, wanted]) => value(key) === wanted) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      if (operator === "Exists") return value(key) !== undefined;
      if (operator === "DoesNotExist") return value(key) === undefined;
      return values.includes(value(key) ?? "") === (operator === "In");
    })
  );
}

function isInside(path: string): boolean {
  const clean = posix.normalize(path);
  return path !== "" && !posix.isAbsolute(path) && !path.includes("\\") && clean !== "." && !clean.startsWith("..");
}

function mistake(is: boolean, text: string): string[] {
  return is ? [text] : [];
}
