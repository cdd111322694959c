// What the executable starts: the command, with the code that V8 has compiled of it already.
"use strict";
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const name = "kubectl-mirrord.cjs";
const source = Buffer.from(getRawAsset(name)).latin1Slice();
const script = new Script(source, { filename: name, cachedData: new Uint8Array(getRawAsset(`${name}.cache`)) });
script.runInThisContext()(require);
