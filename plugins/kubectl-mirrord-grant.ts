#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { connect, grant } from "./table.ts";

run(grant, connect);
