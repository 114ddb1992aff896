import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { lineChart } from "../../lib/charts/line.ts";
import { staticImage } from "../../lib/charts/static_image.ts";
import { projectPath } from "../../lib/paths.ts";
import type { Figure } from "./figure.ts";
import { type BenchReport, reportCells, reportHeader } from "./report.ts";
import { medianTaken } from "./taken.ts";

/** Where results are kept. */
export interface RecordFiles {
  /** One report a line, the oldest first. */
  results: string;
  /** How the figures have changed. */
  chart: string;
  /** Texts that quote the last report, between {@linkcode begin} and {@linkcode end}. */
  quotes: readonly string[];
}

/** Those of the project. */
export const recordFiles: RecordFiles = {
  results: projectPath("docs/bench/results.jsonl"),
  chart: projectPath("docs/bench/history.svg"),
  quotes: [projectPath("docs/bench.md"), projectPath("README.md")],
};

/** In Markdown, the line before a quoted report. */
export const begin = "<!-- begin: deno task bench --record -->";
/** The line behind it. */
export const end = "<!-- end: deno task bench --record -->";

/** Keeps a report, draws it beside the earlier ones of the same size, and quotes it. */
export async function record(report: BenchReport, files = recordFiles): Promise<void> {
  mkdirSync(dirname(files.results), { recursive: true });
  const figures = report.figures.map(withMedians);
  appendFileSync(files.results, `${JSON.stringify({ ...report, figures })}\n`);
  const reports = readFileSync(files.results, "utf8").trim().split("\n")
    .map((line): BenchReport => JSON.parse(line));
  writeFileSync(files.chart, await drawHistory(reports));
  for (const file of files.quotes) if (existsSync(file)) quote(report, file, files.chart);
}

function withMedians(figure: Figure): Figure {
  const { ours, peer } = figure.measured;
  const median = (taken: typeof ours) => taken.length > 0 ? [medianTaken(taken)] : [];
  return { ...figure, measured: { ours: median(ours), peer: median(peer) } };
}

/** The figures over time, each as a share of what it may be: up to 1 it is what it has to be. */
async function drawHistory(reports: BenchReport[]): Promise<string> {
  const last = reports.at(-1)!;
  const alike = reports.filter((one) =>
    JSON.stringify([one.options, one.input]) === JSON.stringify([last.options, last.input])
  );
  const figure = lineChart({
    title: `Benchmark of ${last.options.tweets} tweets: share of what is allowed (1: just reached)`,
    xTitle: "date",
    yTitle: "share of what is allowed",
    series: last.figures.map(({ stage, what }, index) => ({
      name: nameOf(last.figures, index),
      points: alike.flatMap(({ date, figures }) =>
        figures.filter((one) => one.stage === stage && one.what === what)
          .map((one) => ({ x: new Date(date), y: shareOf(one) }))
      ),
    })),
  });
  return await staticImage(figure, { format: "svg", width: 1000, background: "#ffffff" });
}

/** Short enough for a legend: a stage's name, numbered as in the table where it has several figures. */
function nameOf(figures: readonly Figure[], index: number): string {
  const { stage } = figures[index];
  const several = figures.filter((figure) => figure.stage === stage).length > 1;
  const place = figures.slice(0, index + 1).filter((figure) => figure.stage === stage).length;
  return several ? `${stage} ${place}` : stage;
}

function shareOf({ goal, value }: Figure): number {
  return "atMost" in goal ? value / goal.atMost : goal.atLeast / value;
}

/** Puts a report and the chart between the marks of a Markdown file; leaves a file without marks as it is. */
function quote(report: BenchReport, file: string, chart: string): void {
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return;
  const picture = `![The figures over time](${relative(dirname(file), chart)})`;
  const quoted = `${begin}\n\n${asMarkdown(report)}\n\n${picture}\n\n`;
  writeFileSync(file, text.slice(0, from) + quoted + text.slice(to));
}

function asMarkdown({ date, commit, machine, load, options, input, figures }: BenchReport): string {
  const facts = [
    `${options.tweets} tweets in ${options.files} files (${input})`,
    `${date.slice(0, 10)}, commit ${commit ?? "unknown"}`,
    `${machine.cores} cores of ${machine.processor}, ${machine.memoryGigabytes} GB, ${machine.runtime}`,
    `load average ${load.map((one) => one.toFixed(1)).join(" to ")}`,
  ];
  const rows = figures.map((figure) =>
    reportCells(figure).map((cell) => cell.replaceAll("|", "\\|"))
  );
  return `${facts.map((fact) => `- ${fact}`).join("\n")}\n\n${markdownTable(reportHeader, rows)}`;
}

/** A table as `deno fmt` leaves it. */
function markdownTable(header: string[], rows: string[][]): string {
  const widths = header.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column].length))
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [header, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}
