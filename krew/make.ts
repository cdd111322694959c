// Makes one executable in a process of its own, because pkg changes the working folder: node krew/make.ts JSON
import { makeExecutable, type NodeProgram } from "../scripts/make-executable.ts";

export interface Order {
  node: NodeProgram;
  generator: NodeProgram;
  assets: readonly string[];
  output: string;
}

const { node, generator, assets, output } = JSON.parse(process.argv[2] ?? "") as Order;
await makeExecutable(node, generator, assets, output);
