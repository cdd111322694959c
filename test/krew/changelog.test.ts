import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { changelogMistakes, releaseNotes } from "../../krew/changelog.ts";

const root = join(import.meta.dirname, "..", "..");
const changelog = `# Changelog

## Unreleased

### Added
- Something new.

## 0.2.0 - 2026-02-01

### Fixed
- A fault,
  in two lines.

## [0.1.0] - 2026-01-01

### Added
- The first.
`;

t.test("this project's changelog can be read by people and by the release", async (t) => {
  t.same(changelogMistakes(readFileSync(join(root, "CHANGELOG.md"), "utf8")), []);
});

t.test("the notes of a release are what the changelog says of its version", async (t) => {
  t.equal(releaseNotes(changelog, "0.2.0"), "### Fixed\n- A fault,\n  in two lines.\n");
  t.equal(releaseNotes(changelog, "0.1.0"), "### Added\n- The first.\n");
  t.equal(releaseNotes(changelog, "Unreleased"), "### Added\n- Something new.\n");
  t.equal(releaseNotes(changelog, "0.3.0"), undefined);
  t.same(changelogMistakes(changelog), []);
});

for (const { name, from, to, want } of [
  { name: "a version without a date", from: "## 0.2.0 - 2026-02-01", to: "## 0.2.0", want: /neither Unreleased nor/ },
  { name: "another kind of change", from: "### Fixed", to: "### Improved", want: /### Improved: not one of Added/ },
  {
    name: "a kind twice",
    from: "### Fixed",
    to: "### Fixed\n- One.\n### Fixed",
    want: /0\.2\.0: ### Fixed is there twice/,
  },
  { name: "versions in the wrong order", from: "2026-02-01", to: "2025-02-01", want: /0\.2\.0 is older/ },
  { name: "nothing unreleased", from: "## Unreleased", to: "", want: /not Unreleased/ },
  { name: "a version that says nothing", from: "- The first.", to: "", want: /0\.1\.0 says nothing/ },
])
  t.test(`a changelog with ${name}`, async (t) => {
    t.match(changelogMistakes(changelog.replace(from, to)).join("\n"), want);
  });
