import type { Measurements } from "../../lib/doctor/report.ts";

const transport = (seconds: number) => ({ how: "any", seconds });
const load = (straggling: number) => ({ keys: "any", rows: [], straggling });
const batching = (padding: number) => ({ batches: "any", tokens: 1, padding, textsPerBatch: 32 });

/** Measurements of a lake that nothing is wrong with. */
export function goodMeasurements(): Measurements {
  return {
    spill: {
      memoryLimitBytes: 8e9,
      largestBatchRows: 20_000,
      bytesPerRow: 1_000,
      experiment: { rows: 0, copies: 1, worse: [], better: [] },
    },
    skew: {
      mentions: {
        rows: 90_000,
        mentions: 50_000,
        top: "ann",
        topShare: 0.01,
        topHundredthShare: 0.1,
        gini: 0.3,
        lorenz: [],
        tasks: { asTheyAre: load(1.1), worse: load(9), better: load(1.2) },
      },
      batches: [],
      lengths: {
        texts: 20_000,
        maxTokens: 128,
        histogram: [],
        median: 19,
        ninetyNinth: 42,
        cutShare: 0,
        batching: { arrival: batching(0.5), sorted: batching(0.01), equal: batching(0) },
      },
    },
    shuffle: {
      rows: 90_000,
      groups: 50_000,
      merged: 55_000,
      batchRows: 500,
      crossings: {
        rows: { what: "any", bytes: 350 },
        texts: { what: "any", bytes: 70 },
        distinct: { what: "any", bytes: 60 },
        back: { what: "any", bytes: 24 },
      },
      experimentRows: 1_000_000,
      threads: [],
    },
    storage: {
      tables: [{ table: "gold", files: 3, bytes: 9e6 }, {
        table: "application",
        files: 2,
        bytes: 1e5,
      }],
      optimized: [],
      worse: {
        table: "gold",
        before: { files: 100, bytes: 3e6, seconds: 0.04 },
        after: { files: 1, bytes: 2e6, seconds: 0.02 },
      },
      parquet: (["uncompressed", "snappy", "zstd"] as const).map((compression, i) => ({
        compression,
        rowGroupSize: 122_880,
        bytes: [4e6, 2e6, 1.9e6][i],
        writeSeconds: 0.1,
        readSeconds: 0.1,
      })),
    },
    serialization: {
      out: { rows: transport(2e-5), objects: transport(2e-6), columns: transport(1e-6) },
      in: { inserts: transport(1e-3), chunks: transport(2e-6) },
      threads: {
        texts: transport(4e-7),
        copied: transport(2e-7),
        transferred: transport(1e-7),
      },
      tokenizer: transport(3e-5),
      scorer: transport(1e-3),
    },
  };
}
