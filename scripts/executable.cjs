// What the executable starts: the commands, with the code that V8 has compiled already of the one that it is called as.
"use strict";
const { basename } = require("node:path");
const { getAssetKeys, getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const all = "kubectl-mirrord";
const assets = new Set(getAssetKeys());
// `PLUGIN+PLUGIN.cache` is of both.
const caches = new Map([...assets].filter(isCache).flatMap((name) => pluginsIn(name).map((plugin) => [plugin, name])));
const part = choosePart(basename(process.argv0, ".exe").replaceAll("_", "-"));
const file = `${assets.has(`${part}.cjs`) ? part : all}.cjs`;
const source = Buffer.from(getRawAsset(file)).latin1Slice();
// Compiled code is made on the platform that it is for: an executable that was made elsewhere may have none.
const compiled = caches.get(part);
const cachedData = compiled === undefined ? undefined : new Uint8Array(getRawAsset(compiled));
new Script(source, { filename: file, cachedData }).runInThisContext()(require);

/** A plugin, by its own name (a link) or by its word, has compiled code of its own, or even a script of its own. */
function choosePart(calledAs) {
  const completed = /^kubectl-complete-mirrord-?(.*)$/.exec(calledAs)?.[1];
  if (completed !== undefined) {
    process.argv.splice(2, 0, "__complete", ...(completed === "" ? [] : [completed]));
    return all;
  }
  if (isPlugin(calledAs)) return calledAs;
  // Another plugin, whose first word is its own: `session can-i` is no `can-i`.
  if (calledAs.startsWith(`${all}-`)) return all;
  const plugin = `${all}-${process.argv[2]?.replaceAll("_", "-")}`;
  if (!isPlugin(plugin)) return all;
  // A script of its own is the plugin: its word is no argument.
  if (assets.has(`${plugin}.cjs`)) process.argv.splice(2, 1);
  return plugin;
}

function isPlugin(name) {
  return name !== all && (assets.has(`${name}.cjs`) || caches.has(name));
}

function isCache(name) {
  return name.endsWith(".cache");
}

function pluginsIn(cache) {
  return cache.slice(0, -".cache".length).split("+");
}
