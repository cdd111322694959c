// Prometheus' text exposition format 0.0.4: what a scrape, or a file for node exporter's textfile collector, holds.

import { escapeCell } from "../text/escape.ts";

/** A gauge. All samples of one have the same labels, each with other values. */
export interface Metric {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
  name: string;
  help: string;
  samples: readonly Sample[];
}

export interface Sample {
  /** Names `[a-zA-Z_][a-zA-Z0-9_]*`; any text as value. */
  labels: Readonly<Record<string, string>>;
  value: number;
}

/**
 * Metrics in their order, each with HELP and TYPE; one without samples is left out. No time is written: node exporter refuses
 * files that have some.
 */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}\n`);
      return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} gauge\n${lines.join("")}`;
    })
    .join("");
}

function labelsText(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/**
 * The format knows a backslash, a line feed and, in a label, a quote. What else could deceive a reader, and half surrogates, which
 * are no UTF-8, are made visible.
 */
const escaped = (text: string): string =>
  text
    .split("\n")
    .map((line) => escapeCell(line).replaceAll("\\", "\\\\"))
    .join("\\n");
