#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { connect, policy } from "./table.ts";

run(policy, connect);
