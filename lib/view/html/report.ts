// The report that opens in a browser from a file: nothing is fetched, nothing is sent, and the page's own policy forbids both.

import { createHash } from "node:crypto";
import { Eta } from "eta/core";
import { escapeCell } from "../../text/escape.ts";
import { matrixJson, type MatrixTable } from "./matrix-data.ts";
import {
  keyStep,
  matchingLines,
  need,
  showLine,
  startFindings,
  startMatrix,
  visibleLines,
  type PageParts,
} from "./page.js";
import { picture, type Picture, type Station } from "./picture.ts";
import { style } from "./style.ts";
import * as templates from "./templates.ts";

export interface HtmlFinding {
  grade: string;
  rule: string;
  /** The object to change. */
  object: string;
  message: string;
  fix: string;
  who: readonly string[];
  evidence: readonly string[];
  /** From who it is about to what they may do; empty: there is nothing to draw. */
  chain: readonly Station[];
}

export interface HtmlRule {
  rule: string;
  summary: string;
  explanation: string;
  fix: string;
}

export interface HtmlMatrix extends MatrixTable {
  /** What a line and a cell say. */
  caption: string;
}

export interface HtmlReport {
  title: string;
  /** What it is about: `context "dev" (https://…)`. */
  place: string;
  /** RFC 3339. */
  made: string;
  /** What could not be looked at: clauses. */
  missing: readonly string[];
  facts: readonly { name: string; value: string }[];
  findings?: {
    /** Gravest first. */
    grades: readonly string[];
    items: readonly HtmlFinding[];
  };
  matrix?: HtmlMatrix;
  /** Those that are explained. */
  rules: readonly HtmlRule[];
}

/** One HTML file. What comes from a cluster is escaped twice: characters that deceive a reader, and then HTML's own. */
export function htmlReport(report: HtmlReport): string {
  const { findings, matrix } = report;
  const items = findings?.items ?? [];
  const rules = report.rules.map((rule, index) => ({ ...rule, fix: fixParts(rule.fix), id: `rule-${index + 1}` }));
  const ruleIds = new Map(rules.map(({ rule, id }) => [rule, id]));
  const script = pageScript({
    hasFindings: items.length > 0,
    hasMatrix: matrix !== undefined && matrix.rows.length > 0,
  });
  return renderer().render("@page", {
    report,
    style,
    script,
    policy: contentPolicy(script),
    counts: (findings?.grades ?? []).map((grade) => ({
      grade,
      count: items.filter((finding) => finding.grade === grade).length,
    })),
    findings: findings === undefined ? undefined : items.map((finding, index) => shownFinding(finding, index, ruleIds)),
    rules,
    data: matrix === undefined ? "" : matrixJson(matrix),
    sections: [
      ...(report.facts.length > 0 || findings !== undefined ? [{ id: "summary", name: "Summary" }] : []),
      ...(findings === undefined ? [] : [{ id: "findings", name: "Findings" }]),
      ...(matrix === undefined ? [] : [{ id: "matrix", name: "Matrix" }]),
      ...(rules.length === 0 ? [] : [{ id: "rules", name: "Rules" }]),
    ],
  });
}

interface ShownFinding extends Omit<HtmlFinding, "fix"> {
  id: string;
  fix: FixParts;
  ruleId: string | undefined;
  picture: Picture | undefined;
}

function shownFinding(finding: HtmlFinding, index: number, ruleIds: ReadonlyMap<string, string>): ShownFinding {
  return {
    ...finding,
    id: `picture-${index + 1}`,
    fix: fixParts(finding.fix),
    ruleId: ruleIds.get(finding.rule),
    picture: picture(finding.chain),
  };
}

interface FixParts {
  text: string;
  /** To copy; empty: there is none. */
  command: string;
}

/** A fix often ends with a command, which is copied as a whole: it has a line of its own. */
function fixParts(fix: string): FixParts {
  const end = fix.lastIndexOf(": kubectl ") + 1;
  if (end === 0 || fix.includes(";", end)) return { text: fix, command: "" };
  return { text: fix.slice(0, end), command: fix.slice(end + 1).replace(/\.$/, "") };
}

const parts: PageParts = { need, visibleLines, keyStep, matchingLines, showLine };

/** The text of what runs in the page; empty where nothing has to. */
function pageScript({ hasFindings, hasMatrix }: { hasFindings: boolean; hasMatrix: boolean }): string {
  const started = [...(hasFindings ? [startFindings] : []), ...(hasMatrix ? [startMatrix] : [])];
  if (started.length === 0) return "";
  const named = Object.entries(parts).map(([name, part]) => `${name}: ${String(part)}`);
  return `"use strict";const parts = { ${named.join(", ")} };${started.map((start) => `(${String(start)})(parts);`).join("")}`;
}

/** Only this style and this script, by their hashes; nothing from anywhere, and nothing to anywhere. */
function contentPolicy(script: string): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${script === "" ? "'none'" : hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

function renderer(): Eta {
  const { escapeFunction } = new Eta().config;
  const eta = new Eta({ escapeFunction: (value) => escapeFunction(escapeCell(String(value))) });
  for (const [name, template] of Object.entries(templates)) eta.loadTemplate(`@${name}`, template);
  return eta;
}
