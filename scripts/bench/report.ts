import { type Machine } from "../../lib/machine.ts";
import { formatTable } from "../command/table.ts";
import type { Figure } from "./figure.ts";
import { medianTaken, type Taken } from "./taken.ts";

/** What `deno task bench --json` prints. */
export interface BenchReport {
  /** When it began, ISO 8601 in UTC. */
  date: string;
  /** Of the working copy, with `+` behind it where files have been changed since; null without git. */
  commit: string | null;
  machine: Machine;
  /** Mean number of processes that ran or waited in the minute before, and at the end. */
  load: [number, number];
  /** By npm package. */
  versions: Record<string, string>;
  options: { tweets: number; files: number; rounds: number; batches: number; scored: number };
  /** Where the tweets come from: `generated`, or the file or folder's name. */
  input: string;
  /** How long it took. */
  seconds: number;
  figures: Figure[];
}

/** The report as a table for the terminal. */
export function formatReport({ figures }: BenchReport): string {
  return formatTable(reportHeader, figures.map(reportCells));
}

/** The columns of the report's table. */
export const reportHeader = [
  ...["stage", "measured", "compared with", "seconds", "of peer", "figure", "by processor"],
  ...["to reach", "reached"],
];

/** A figure as a row of that table. */
export function reportCells(figure: Figure): string[] {
  const { stage, what, peer, unit, value, byProcessor, reached, measured } = figure;
  const seconds = (taken: Taken[]) => taken.length === 0 ? "" : rounded(medianTaken(taken).wall);
  return [
    stage,
    what,
    peer ?? "",
    seconds(measured.ours),
    seconds(measured.peer),
    `${rounded(value)} ${unit}`,
    byProcessor === null ? "" : rounded(byProcessor),
    goalOf(figure),
    reached ? "yes" : "NO",
  ];
}

/** Three digits that say something. */
function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** The goal of a figure, for a person. */
function goalOf({ goal, unit }: Figure): string {
  return "atMost" in goal ? `at most ${goal.atMost} ${unit}` : `at least ${goal.atLeast} ${unit}`;
}
