#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { connect, install } from "./table.ts";

run(install, connect);
