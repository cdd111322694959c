import t from "tap";
import { collectionLabels, collectionSelector } from "../../lib/access/collection.ts";
import type { GrantRow } from "../../lib/access/grant-row.ts";
import type { Intent } from "../../lib/access/intent.ts";
import {
  matrixCells,
  matrixLines,
  matrixPaths,
  rolesBySubject,
  pathSentence,
  type MatrixPath,
} from "../../lib/access/matrix.ts";
import { parseSubject } from "../../lib/access/subject.ts";
import { intentWith } from "./grant.ts";
import { namespaceObject } from "./namespace-object.ts";
import { storedGrant, storedParts } from "./stored-grant.ts";
import { saysKept } from "../kept-text.ts";

const all = [
  namespaceObject("dev", collectionLabels("prod/web")),
  namespaceObject("qa", collectionLabels("prod")),
  namespaceObject("lab", { env: "lab" }),
];
const places = { all, operator: "mirrord", offline: false };
const row = (change: Partial<GrantRow>): GrantRow => ({
  id: "abc",
  name: "mirrord:grant:x",
  subject: "jim",
  role: "user",
  namespaces: [],
  selectors: [],
  targets: [],
  status: "ok",
  findings: [],
  managed: true,
  ...change,
});
const set = (namespaces: string[], ...selectors: string[]): Pick<Intent, "set"> => ({
  set: { kind: "namespaces", namespaces, ...(selectors.length === 0 ? {} : { selectors }) },
});
const grantOf = (change: Partial<Intent>) => storedGrant(storedParts(intentWith(change)).objects);
const prod = collectionSelector("prod");
const web = collectionSelector("prod/web");

const cases: [what: string, intent: Partial<Intent> | undefined, row: Partial<GrantRow>, want: object[]][] = [
  ["named namespaces", set(["dev"]), { namespaces: ["dev"] }, [{ namespaces: ["dev"], collection: undefined }]],
  ["a collection", set([], prod), { namespaces: ["dev", "qa"] }, [{ namespaces: ["dev", "qa"], collection: "prod" }]],
  [
    "a collection and one below it",
    set([], prod, web),
    { namespaces: ["dev", "qa"] },
    [
      { namespaces: ["dev", "qa"], collection: "prod" },
      { namespaces: ["dev"], collection: "prod/web" },
    ],
  ],
  [
    "a namespace by its name and by its collection",
    set(["dev"], web),
    { namespaces: ["dev"] },
    [
      { namespaces: ["dev"], collection: undefined },
      { namespaces: ["dev"], collection: "prod/web" },
    ],
  ],
  [
    "other labels beside a collection",
    set([], "env=lab", web),
    { namespaces: ["dev", "lab"] },
    [
      { namespaces: ["lab"], collection: undefined },
      { namespaces: ["dev"], collection: "prod/web" },
    ],
  ],
  ["everywhere", { set: { kind: "all" } }, { namespaces: ["*"] }, [{ namespaces: ["*"] }]],
  [
    "a collection that nothing is in",
    set([], collectionSelector("none")),
    {},
    [{ namespaces: [], collection: "none" }],
  ],
  ["bound by hand", undefined, { namespaces: ["dev"], managed: false }, [{ namespaces: ["dev"], managed: false }]],
];
for (const [what, intent, given, want] of cases) {
  t.test(`the ways of a grant on ${what}`, async (t) => {
    t.match(matrixPaths(row(given), intent && grantOf(intent), places), want);
    saysKept(t, import.meta.filename, what, () => matrixPaths(row(given), intent && grantOf(intent), places));
  });
}

t.test("a grant to a team names its organization as well, one to an organization only that", async (t) => {
  const team = grantOf({ subject: { kind: "Team", name: "acme/web" }, ...set(["dev"]) });
  t.match(matrixPaths(row({ namespaces: ["dev"] }), team, places), [{ team: "acme/web", organization: "acme" }]);
  const organization = grantOf({ subject: { kind: "Organization", name: "acme" }, ...set(["dev"]) });
  const [path] = matrixPaths(row({ namespaces: ["dev"] }), organization, places);
  t.match(path, { organization: "acme" });
  t.equal(path?.team, undefined);
});

function withoutSubject({ subject: _subject, ...rest }: GrantRow): GrantRow {
  return rest;
}

const path = (change: Partial<MatrixPath>): MatrixPath => ({
  role: "user",
  targets: [],
  namespaces: ["dev"],
  grant: "abc",
  managed: true,
  ...change,
});

t.test(
  "a row for each subject; a cell has each role once, with its collections; what is over is left out",
  async (t) => {
    const rows = rolesBySubject([
      { row: row({ subject: "zoe" }), paths: [path({ targets: ["deployment/web"] })] },
      { row: row({ subject: "jim" }), paths: [path({ collection: "prod" }), path({ collection: "prod/web" })] },
      { row: row({ subject: "jim" }), paths: [path({ role: "x", managed: false, namespaces: ["dev", "*"] })] },
      { row: row({ subject: "gone", status: "expired" }), paths: [path({})] },
      { row: row({ subject: "odd", status: "unreadable" }), paths: [path({})] },
      { row: withoutSubject(row({})), paths: [path({})] },
    ]);
    t.same(
      rows.map(({ subject }) => subject),
      [undefined, "jim", "zoe"],
    );
    const [, jim, zoe] = rows;
    t.same(jim?.roles, { dev: ["[x]", "user"], "*": ["[x]"] });
    t.same(jim && Object.fromEntries(matrixCells(jim)), { dev: "[x],user (prod, prod/web)", "*": "[x]" });
    t.same(zoe && Object.fromEntries(matrixCells(zoe)), { dev: "user:deployment/web" });
  },
);

t.test("as lines, namespaces in which a subject has the same are together, what holds everywhere first", async (t) => {
  const rows = rolesBySubject([
    { row: row({ subject: "jim" }), paths: [path({ namespaces: ["qa", "dev", "lab"] }), path({ namespaces: ["*"] })] },
    { row: row({ subject: "jim" }), paths: [path({ role: "x", namespaces: ["lab"], collection: "prod" })] },
    { row: withoutSubject(row({})), paths: [path({})] },
  ]);
  t.same(matrixLines(rows), [
    { namespaces: ["dev"], roles: "user" },
    { subject: "jim", namespaces: ["*", "dev", "qa"], roles: "user" },
    { subject: "jim", namespaces: ["lab"], roles: "user,x (prod)" },
  ]);
});

const sentences: [path: Partial<MatrixPath>, subject: string | undefined, asked: string | undefined, want: string][] = [
  [{}, "jim", undefined, "jim: user in dev, by grant abc"],
  [{ collection: "prod" }, "jim", "jim", "jim, on collection prod: user in dev, by grant abc"],
  [{ team: "acme/web", organization: "acme" }, "team:acme/web", undefined, "team acme/web: user in dev, by grant abc"],
  [
    { team: "acme/web", organization: "acme" },
    "team:acme/web",
    "jim",
    "jim, in team acme/web: user in dev, by grant abc",
  ],
  [
    { organization: "acme" },
    "org:acme",
    "jim",
    "jim, in team acme/web of organization acme: user in dev, by grant abc",
  ],
  [
    { organization: "acme" },
    "org:acme",
    "team:acme/web",
    "team acme/web, in organization acme: user in dev, by grant abc",
  ],
  [{ organization: "acme" }, "org:acme", undefined, "organization acme: user in dev, by grant abc"],
  [{ organization: "beta" }, "org:beta", "jim", "jim, in organization beta: user in dev, by grant abc"],
  [
    { namespaces: ["*"], targets: ["deployment/web"] },
    "jim",
    undefined,
    "jim: user (deployment/web) in all namespaces, by grant abc",
  ],
  [{ namespaces: [] }, undefined, undefined, "somebody: user in no namespace today, by grant abc"],
];
for (const [given, subject, asked, want] of sentences) {
  t.test(want, async (t) => {
    const whose = asked === undefined ? undefined : { subject: parseSubject(asked), teams: ["acme/web"] };
    t.equal(pathSentence(path(given), subject === undefined ? undefined : parseSubject(subject), whose), want);
  });
}

t.test("what was bound by hand is said to be", async (t) => {
  const { grant: _grant, ...byHand } = path({ managed: false });
  t.equal(pathSentence(byHand, parseSubject("jim")), "jim: user in dev, bound by hand");
});
