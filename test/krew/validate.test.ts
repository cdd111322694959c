import t from "tap";
import { archiveMistakes, manifestMistakes } from "../../krew/validate.ts";
import { executableName, krewManifest, type Archive } from "../../krew/manifest.ts";
import { targets } from "../../krew/targets.ts";
import { parseDocuments, toYaml } from "../../lib/yaml.ts";

const archives = targets.map((target): Archive => ({
  target,
  name: `kubectl-mirrord_v1.2.3_${target.name}.tar.gz`,
  sha256: "0a".repeat(32),
}));
const text = krewManifest("1.2.3", archives, { download: "https://releases.example.com/v1.2.3/" });
interface Platform {
  selector?: object;
  uri: string;
  sha256: string;
  bin: string;
  files?: { from: string; to: string }[];
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: { version: string; shortDescription: string; description?: string; homepage?: string; platforms: Platform[] };
}
const valid = (): Manifest => parseDocuments(text, { source: "mirrord.yaml" })[0] as Manifest;
const first = (manifest: Manifest): Platform => manifest.spec.platforms[0] as Platform;

t.test("the manifest of a release is one that krew takes", async (t) => {
  t.same(manifestMistakes(text, "mirrord.yaml"), []);
  const { spec } = valid();
  t.match(spec, { version: "v1.2.3" });
  t.notOk("homepage" in spec);
  t.equal(spec.platforms[0]?.uri, "https://releases.example.com/v1.2.3/kubectl-mirrord_v1.2.3_linux_amd64.tar.gz");
  t.match(
    krewManifest("1.2.3", archives, { download: "https://x/y", homepage: "https://home.example.com" }),
    /homepage: https:/,
  );
});

t.test("each of the six platforms is selected by one archive, Windows with an .exe", async (t) => {
  t.same(
    valid().spec.platforms.map(({ selector, bin }) => [selector, bin]),
    targets.map((target) => [{ matchLabels: target.selector }, executableName(target)]),
  );
  t.equal(valid().spec.platforms.filter(({ bin }) => bin.endsWith(".exe")).length, 2);
});

const wrong: { name: string; change: (manifest: Manifest) => void; file?: string; want: RegExp }[] = [
  { name: "another apiVersion", change: (one) => (one.apiVersion = "v1"), want: /apiVersion/ },
  { name: "another kind", change: (one) => (one.kind = "Plugins"), want: /kind/ },
  {
    name: "a name with a dot",
    change: (one) => (one.metadata.name = "mir.rord"),
    file: "mir.rord.yaml",
    want: /no name/,
  },
  { name: "a device of Windows", change: (one) => (one.metadata.name = "COM1"), file: "COM1.yaml", want: /no name/ },
  { name: "no name", change: (one) => (one.metadata.name = ""), file: ".yaml", want: /no name/ },
  { name: "another file", change: () => {}, file: "mirror.yaml", want: /must be named mirrord.yaml/ },
  { name: "a version without v", change: (one) => (one.spec.version = "1.2.3"), want: /spec.version/ },
  { name: "a version of two numbers", change: (one) => (one.spec.version = "v1.2"), want: /spec.version/ },
  { name: "two lines", change: (one) => (one.spec.shortDescription = "a\nb"), want: /shortDescription/ },
  { name: "a long line", change: (one) => (one.spec.shortDescription = "a".repeat(51)), want: /shortDescription/ },
  { name: "no description", change: (one) => delete one.spec.description, want: /description is missing/ },
  { name: "no platform", change: (one) => (one.spec.platforms = []), want: /platforms is empty/ },
  {
    name: "two archives for one platform",
    change: (one) =>
      (first(one).selector = { matchExpressions: [{ key: "os", operator: "NotIn", values: ["windows"] }] }),
    want: /darwin\/amd64 is selected 2 times/,
  },
  { name: "no selector", change: (one) => delete first(one).selector, want: /selector is missing/ },
  {
    name: "a selector of something else",
    change: (one) => (first(one).selector = { matchLabels: { os: "linux", libc: "musl" } }),
    want: /os and arch only/,
  },
  {
    name: "a platform that krew's index does not know",
    change: (one) => (first(one).selector = { matchLabels: { os: "linux", arch: "riscv64" } }),
    want: /no platform is selected/,
  },
  {
    name: "a selector that nothing passes",
    change: (one) => (first(one).selector = { matchExpressions: [{ key: "arch", operator: "DoesNotExist" }] }),
    want: /no platform is selected/,
  },
  { name: "a file's address", change: (one) => (first(one).uri = "file:///x/y.tar.gz"), want: /uri/ },
  { name: "another form of archive", change: (one) => (first(one).uri = "https://x/y.tar.xz"), want: /uri/ },
  { name: "digits in upper case", change: (one) => (first(one).sha256 = "0A".repeat(32)), want: /lower case/ },
  { name: "a short sum", change: (one) => (first(one).sha256 = "0a"), want: /64 digits/ },
  { name: "a program outside", change: (one) => (first(one).bin = "../kubectl-mirrord"), want: /bin is not inside/ },
  { name: "a program at the root", change: (one) => (first(one).bin = "/bin/sh"), want: /bin is not inside/ },
  { name: "no program", change: (one) => (first(one).bin = ""), want: /bin is not inside/ },
  { name: "an empty list of files", change: (one) => (first(one).files = []), want: /files is empty/ },
  {
    name: "a file that is put outside",
    change: (one) => (first(one).files = [{ from: "LICENSE", to: "../.." }]),
    want: /files: "\.\.\/\.\." is not inside/,
  },
  {
    name: "a file from outside",
    change: (one) => (first(one).files = [{ from: "../LICENSE", to: "." }]),
    want: /is not inside the archive/,
  },
];
for (const { name, change, file = "mirrord.yaml", want } of wrong)
  t.test(`refused: ${name}`, async (t) => {
    const manifest = valid();
    change(manifest);
    const mistakes = manifestMistakes(toYaml(manifest), file);
    t.match(mistakes.join("\n"), want);
  });

t.test("nothing at all is no manifest", async (t) => {
  t.ok(manifestMistakes("{}", "mirrord.yaml").length > 5);
});

const platform = {
  bin: "kubectl-mirrord",
  files: ["kubectl-mirrord", "LICENSE"].map((from) => ({ from, to: "." })),
};
const file = (path: string, mode = 0o644, type = "File") => ({ path, type, mode, bytes: 1 });
const packed = [file("kubectl-mirrord", 0o755), file("LICENSE")];

t.test("an archive with the program and its licence can be installed", async (t) => {
  t.same(archiveMistakes(packed, platform), []);
});

for (const { name, found, want, of = platform } of [
  { name: "a link", found: [...packed, file("k", 0o777, "SymbolicLink")], want: /k is a SymbolicLink/ },
  { name: "a hard link", found: [...packed, file("k", 0o777, "Link")], want: /k is a Link/ },
  { name: "a path upwards", found: [...packed, file("../k")], want: /\.\.\/k is not inside/ },
  { name: "a path from the root", found: [...packed, file("/k")], want: /\/k is not inside/ },
  { name: "no program", found: [file("LICENSE")], want: /kubectl-mirrord is missing/ },
  { name: "a program that cannot be run", found: [file("kubectl-mirrord"), file("LICENSE")], want: /cannot be run/ },
  { name: "no licence in it", found: [file("kubectl-mirrord", 0o755)], want: /LICENSE is missing/ },
  {
    name: "a licence that stays in it",
    found: packed,
    of: { ...platform, files: [] },
    want: /no licence is extracted/,
  },
])
  t.test(`an archive with a fault: ${name}`, async (t) => {
    t.match(archiveMistakes(found, of).join("\n"), want);
  });
