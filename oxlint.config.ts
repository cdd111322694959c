// The linter's rules, and the arrows between the rooms of lib: which room may import which, and the one wall behind
// which each package stays. ARCHITECTURE.md explains the rooms.
import { defineConfig } from "oxlint";
import type { OxlintOverride } from "oxlint";

/** What each room of lib may import, besides itself and the leaves (lib/*.ts, text, kubernetes, kube/cluster.ts). */
const arrows: Readonly<Record<string, readonly string[]>> = {
  text: [],
  kubernetes: [],
  findings: [],
  rbac: [],
  mirrord: ["rbac", "findings"],
  access: ["mirrord", "rbac", "findings"],
  reading: ["access", "mirrord", "rbac", "findings"],
  preview: ["reading", "access", "mirrord", "rbac", "findings"],
  install: ["preview", "reading", "access", "mirrord", "rbac", "findings"],
  audit: ["install", "preview", "reading", "access", "mirrord", "rbac", "findings"],
  kube: ["rbac"],
  jsonpath: [],
  view: ["findings", "jsonpath"],
  cli: ["view"],
  commands: [
    "kube",
    "jsonpath",
    "view",
    "cli",
    "audit",
    "install",
    "preview",
    "reading",
    "access",
    "mirrord",
    "rbac",
    "findings",
  ],
};

const leaves = ["text", "kubernetes"];

/** Rooms that touch no file, socket, clock or process. */
const pure = new Set(["text", "kubernetes", "findings", "rbac", "jsonpath", "mirrord", "access"]);

/** Rooms that read only through the Cluster that they are given, and take the time as an argument. */
const throughCluster = new Set(["reading", "preview", "install", "audit"]);

/** Each package, and the room (or the file) that may import it. */
const walls: Readonly<Record<string, string>> = {
  yargs: "cli",
  "yargs-parser": "cli",
  inquirer: "cli",
  "@inquirer/*": "cli",
  "cli-table3": "view",
  "wrap-ansi": "view",
  eta: "view",
  "@kubernetes/client-node": "kube",
  "js-yaml": "yaml.ts",
};

const plugins = ["install", "grant", "can-i", "policy", "session", "audit"];

function restrictedImports(room: string): object[] {
  const allowed = new Set([room, ...leaves, ...(arrows[room] ?? [])]);
  const forbidden = Object.keys(arrows).filter((other) => !allowed.has(other));
  const patterns: object[] = [
    { group: ["**/plugins/**", "**/test/**", "**/scripts/**"], message: "lib imports only lib." },
    ...Object.entries(walls)
      .filter(([, wall]) => wall !== room)
      .map(([name, wall]) => ({
        group: [name, `${name}/*`],
        message: `${name} has one wall: lib/${wall}.`,
        // Types cost nothing at run time; client-node's describe the API for every room.
        ...(name === "@kubernetes/client-node" ? { allowTypeImports: true } : {}),
      })),
  ];
  if (forbidden.length > 0) {
    patterns.push({
      group: [...forbidden.map((other) => `**/${other}/**`), "!**/kube/cluster.ts", ...ownFolders(room)],
      message: `lib/${room} imports only ${[...(arrows[room] ?? []), "the leaves"].join(", ")} (ARCHITECTURE.md).`,
    });
  }
  if (room === "commands") {
    patterns.push({ group: ["**/text/escape.ts"], message: "Lines are escaped where they are printed." });
  }
  if (pure.has(room)) {
    patterns.push({ group: ["node:*", "!node:crypto", "!node:util"], message: `lib/${room} is pure.` });
  }
  if (throughCluster.has(room)) {
    patterns.push({ group: ["node:*", "!node:crypto", "!node:util"], message: "Read only through the Cluster." });
  }
  return patterns;
}

/** A room may have a folder with the name of another room; its own files reach it from beside. */
function ownFolders(room: string): string[] {
  return room === "commands" ? [] : ["!./**"];
}

function globals(names: readonly string[], message: string): OxlintOverride["rules"] {
  return { "no-restricted-globals": ["error", ...names.map((name) => ({ name, message }))] };
}

function roomRules(room: string): OxlintOverride {
  const effects = ["process", "Date", "fetch", "console", "setTimeout", "setInterval"];
  const isDomain = pure.has(room) || throughCluster.has(room);
  return {
    files: [`lib/${room}/**/*.ts`],
    rules: {
      "no-restricted-imports": ["error", { patterns: restrictedImports(room) }],
      ...(pure.has(room)
        ? globals(
            room === "text" ? effects.filter((name) => name !== "Date") : effects,
            "Pure: take it as an argument.",
          )
        : {}),
      ...(throughCluster.has(room) ? globals(effects.slice(0, 4), "Take it as an argument.") : {}),
      ...(room === "commands" ? globals(effects.slice(0, 4), "A command touches only its World.") : {}),
      ...(isDomain ? { "typescript/no-unsafe-type-assertion": "error" } : {}),
    },
  };
}

/** A plugin imports no other plugin: what two of them need has a room of its own. */
function pluginRules(plugin: string): OxlintOverride {
  const others = plugins.filter((other) => other !== plugin);
  return {
    files: [`lib/commands/${plugin}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            ...restrictedImports("commands"),
            {
              group: others.flatMap((other) => [`../${other}/**`, `../../${other}/**`, `**/commands/${other}/**`]),
              message: "No plugin imports another: what both need has a room of its own (ARCHITECTURE.md).",
            },
          ],
        },
      ],
    },
  };
}

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc"],
  options: { typeAware: true },
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  env: { node: true, es2024: true },
  rules: {
    "no-shadow": ["error", { allow: ["t"] }],
    "no-await-in-loop": "off",
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": [
      "error",
      { allowForKnownSafePromises: [{ from: "package", package: "@tapjs/core", name: "PromiseWithSubtest" }] },
    ],
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    // What @peculiar/x509 wants before it; it has nothing to give a name to.
    "import/no-unassigned-import": ["error", { allow: ["reflect-metadata"] }],
    "no-console": "error",
    "typescript/consistent-return": "off",
    "typescript/unbound-method": "off",
    "oxc/no-map-spread": "off",
    "unicorn/consistent-function-scoping": "off",
    "typescript/no-generated-empty-object-type": "off",
    "typescript/no-unsafe-type-assertion": "off",
    "import/no-named-as-default-member": "off",
    "typescript/no-misused-spread": "off",
  },
  overrides: [
    ...Object.keys(arrows).map(roomRules),
    ...plugins.map(pluginRules),
    {
      files: ["lib/errors.ts"],
      rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["*"], message: "A leaf." }] }] },
    },
    {
      files: ["plugins/**/*.ts"],
      rules: {
        "no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                group: Object.keys(arrows)
                  .filter((room) => !["cli", "commands", "kube"].includes(room))
                  .map((room) => `**/lib/${room}/**`),
                message: "A plugin imports cli and commands, and hands the connector over.",
              },
            ],
          },
        ],
      },
    },
    {
      files: ["test/operator/**/*.ts"],
      rules: {
        "no-restricted-imports": [
          "error",
          { patterns: [{ group: ["**/lib/**"], message: "The stand-in must not share code with what it checks." }] },
        ],
      },
    },
    { files: ["oxlint.config.ts", "test/coverage-map.ts"], rules: { "import/no-default-export": "off" } },
    {
      // What VitePress wants.
      files: ["scripts/site/**"],
      rules: { "import/no-default-export": "off", "import/no-unassigned-import": "off" },
    },
  ],
  ignorePatterns: ["node_modules", "build", ".tap"],
});
