#!/usr/bin/env node
import process from "node:process";
import { dispatcher } from "../lib/cli/dispatcher.ts";
import { run } from "../lib/cli/run.ts";
import { all } from "./all.ts";
import { connect } from "./table.ts";

run(dispatcher(all, process.argv0, process.argv[1] ?? process.execPath), connect);
