#!/usr/bin/env node
import { run } from "../lib/cli/run.ts";
import { canI, connect } from "./table.ts";

run(canI, connect);
