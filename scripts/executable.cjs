// What the executable starts: the command that it is called as, with the code that V8 has compiled of it already.
"use strict";
const { basename } = require("node:path");
const { getAssetKeys, getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const scripts = new Set(getAssetKeys());
const name = chooseScript(basename(process.argv0, ".exe").replaceAll("_", "-"));
const source = Buffer.from(getRawAsset(name)).latin1Slice();
const script = new Script(source, { filename: name, cachedData: new Uint8Array(getRawAsset(`${name}.cache`)) });
script.runInThisContext()(require);

/** A plugin, by its own name (a link) or by its word, is a script of its own, of half the size of that of them all. */
function chooseScript(calledAs) {
  const all = "kubectl-mirrord.cjs";
  const completed = /^kubectl-complete-mirrord-?(.*)$/.exec(calledAs)?.[1];
  if (completed !== undefined) {
    process.argv.splice(2, 0, "__complete", ...(completed === "" ? [] : [completed]));
    return all;
  }
  if (calledAs !== "kubectl-mirrord" && scripts.has(`${calledAs}.cjs`)) return `${calledAs}.cjs`;
  const plugin = `kubectl-mirrord-${process.argv[2]?.replaceAll("_", "-")}.cjs`;
  if (!scripts.has(plugin)) return all;
  process.argv.splice(2, 1);
  return plugin;
}
