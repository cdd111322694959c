#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { audit, connect } from "./table.ts";

run(audit, connect);
