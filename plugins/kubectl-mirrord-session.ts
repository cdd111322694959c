#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { connect, session } from "./table.ts";

run(session, connect);
