import t from "tap";
import { withComments } from "../../../lib/kube/manifests/comments.ts";

const lines = (...text: string[]) => text.join("\n");
const cases: { name: string; before: string; after: string; wanted: string }[] = [
  { name: "none", before: lines("a: 1", "b: '#'"), after: "a: 2", wanted: "a: 2" },
  {
    name: "above, behind and at the end",
    before: lines("# first", "a: 1 # one", "b:", "  # inner", "  c: 2", "# last"),
    after: lines("a: 1", "b:", "  c: 2", "  d: 3"),
    wanted: lines("# first", "a: 1 # one", "b:", "  # inner", "  c: 2", "  d: 3", "# last"),
  },
  {
    name: "of a value that changed",
    before: lines("verbs: [get, list] # only to read", "# who", "name: a"),
    after: lines("verbs:", "- get", "name: b"),
    wanted: lines("verbs: # only to read", "- get", "# who", "name: b"),
  },
  {
    name: "of an item that is gone, and of its neighbour that stays",
    before: lines("rules:", "# pods", "- groups:", "  - ''", "  verbs:", "  - get", "# secrets", "- groups:", "  - ''"),
    after: lines("rules:", "- groups:", "  - ''"),
    wanted: lines("rules:", "# secrets", "- groups:", "  - ''"),
  },
  {
    name: "of an item that got more",
    before: lines("rules:", "# pods", "- groups:", "  - '' # core", "  verbs:", "  - get"),
    after: lines("rules:", "- groups:", '  - ""', "  verbs:", "  - get", "  - list"),
    wanted: lines("rules:", "# pods", "- groups:", '  - "" # core', "  verbs:", "  - get", "  - list"),
  },
  {
    name: "where lists are indented",
    before: lines("verbs:", "    # read", "    - get"),
    after: lines("verbs:", "- get"),
    wanted: lines("verbs:", "# read", "- get"),
  },
  {
    name: "what looks like one in a block of text or in quotes",
    before: lines(
      "text: |",
      "  # no comment",
      "  a # none",
      "",
      "  b",
      'quoted: "a # b" # but this',
      "it: it's # and this",
    ),
    after: lines("text: |", "  # no comment", "  c", 'quoted: "a # b"', "it: it's"),
    wanted: lines("text: |", "  # no comment", "  c", 'quoted: "a # b" # but this', "it: it's # and this"),
  },
];
const key = `"a${": ".repeat(200_000)}\u2028": `;
cases.push({
  name: "of an item with very many colons",
  before: lines("# of a", `${key}1 # one`),
  after: `${key}2`,
  wanted: lines("# of a", `${key}2 # one`),
});
for (const { name, before, after, wanted } of cases)
  t.test(`comments: ${name}`, async (t) => t.equal(withComments(before, after), wanted));
