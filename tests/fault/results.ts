import { formatTable } from "../../scripts/command/table.ts";
import type { ChainReport } from "./chain.ts";
import { sizeOf, sizes } from "./input.ts";
import type { BatchReport } from "./stream.ts";

/** One run of the chain in figures. */
export interface RoundResult {
  /** Where processes died. */
  round: string;
  kills: number;
  /** Kills by point. */
  points: Record<string, number>;
  restarts: number;
  /** Rounds of optimize and vacuum. */
  maintained: number;
  batches: number;
  /** Rows that should be in the tables. */
  rows: number;
  lost: number;
  doubled: number;
  /** What else was wrong. */
  faults: string[];
  seconds: number;
}

/** All batches of one size. */
export interface SizeResult {
  /** Rows of a batch. */
  size: string;
  batches: number;
  /** Processes that killed themselves in one. */
  kills: number;
  /** Rows of all tables that came in a file of this size. */
  rows: number;
  lost: number;
  doubled: number;
  /** Medians of one batch, in milliseconds. */
  milliseconds: number;
  processorMilliseconds: number;
}

/** Some batches of the first stream, one after the other. */
export interface SpanResult {
  from: number;
  milliseconds: number;
  processorMilliseconds: number;
}

export function roundResult(round: string, report: ChainReport): RoundResult {
  const points: Record<string, number> = {};
  for (const { point } of report.kills) points[point] = (points[point] ?? 0) + 1;
  return {
    round,
    kills: report.kills.length,
    points,
    restarts: report.restarts,
    maintained: report.maintenance.length,
    batches: report.batchRows.length,
    rows: report.expected,
    lost: report.lost.length,
    doubled: report.doubled.length,
    faults: [
      ...report.faults,
      ...report.errors.map((error) => `a process ended by itself: ${error}`),
      ...report.missed.map((point) => `no process reached the point "${point}"`),
    ],
    seconds: report.seconds,
  };
}

export function sizeResults(reports: ChainReport[], batches: BatchReport[]): SizeResult[] {
  return sizes.map(({ name: size }) => {
    const isOfSize = (rows: number | undefined) => rows !== undefined && sizeOf(rows) === size;
    const sum = (count: (report: ChainReport) => number) =>
      reports.reduce((sum, report) => sum + count(report), 0);
    const cameInSize = ({ fileRows }: ChainReport, ids: string[]) =>
      ids.filter((id) => isOfSize(fileRows[Number(id.split("#")[0])])).length;
    return {
      size,
      batches: sum(({ batchRows }) => batchRows.filter(isOfSize).length),
      kills: sum(({ kills }) =>
        kills.filter((kill) => "rows" in kill && isOfSize(kill.rows)).length
      ),
      rows: sum(({ fileRows, tables }) =>
        tables * fileRows.filter(isOfSize).reduce((sum, rows) => sum + rows, 0)
      ),
      lost: sum((report) => cameInSize(report, report.lost)),
      doubled: sum((report) => cameInSize(report, report.doubled)),
      ...medians(batches.filter(({ rows }) => isOfSize(rows))),
    };
  });
}

/** Medians of each so many batches: what a batch costs as tables and history grow. */
export function spanResults(batches: BatchReport[], span: number): SpanResult[] {
  const last = Math.max(-1, ...batches.map(({ batchId }) => batchId));
  return Array.from({ length: Math.ceil((last + 1) / span) }, (_, index) => ({
    from: index * span,
    ...medians(batches.filter(({ batchId }) => Math.floor(batchId / span) === index)),
  }));
}

export function formatRounds(rounds: RoundResult[]): string {
  const columns = [
    ...["kills", "restarts", "maintained", "batches", "rows", "lost", "doubled", "seconds"],
  ] as const as readonly (keyof RoundResult)[];
  const total = columns.map((column) =>
    String(rounds.reduce((sum, round) => sum + Number(round[column]), 0))
  );
  return formatTable(
    ["killed", ...columns],
    [...rounds.map((round) => [round.round, ...columns.map((column) => String(round[column]))]), [
      "all",
      ...total,
    ]],
  );
}

export function formatSizes(results: SizeResult[]): string {
  return formatTable(
    ["rows in a batch", "batches", "kills", "rows", "lost", "doubled", "ms", "processor ms"],
    results.map((result) => Object.values(result).map(String)),
  );
}

export function formatSpans(results: SpanResult[]): string {
  return formatTable(
    ["from batch", "ms", "processor ms"],
    results.map((result) => Object.values(result).map(String)),
  );
}

function medians(batches: BatchReport[]) {
  return {
    milliseconds: median(batches.map(({ milliseconds }) => milliseconds)),
    processorMilliseconds: median(batches.map((batch) => batch.processorMilliseconds)),
  };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
