import { type Finding, levelOf, type Threshold } from "../finding.ts";
import { number, percent, size } from "../format.ts";
import type { StorageMeasurement } from "../storage.ts";

/** Files of one table, where they are small. */
const files: Threshold = { fair: 10, poor: 50 };

/** Opening a file costs as much as reading so many bytes of it; larger ones are not small. */
const smallFileBytes = 1e6;

/** Share of gold's bytes that another compression must save to be worth a word. */
const compressionSaves = 0.2;

/** Says whether tables stand in too many small files. */
export function judgeStorage({ tables, parquet }: StorageMeasurement): Finding {
  const fragmented = tables.filter(({ files, bytes }) => bytes / files < smallFileBytes)
    .toSorted((a, b) => b.files - a.files);
  const worst = fragmented[0];
  const verdict = levelOf(worst?.files ?? 0, files);
  const all = tables.reduce(
    (sum, table) => ({ files: sum.files + table.files, bytes: sum.bytes + table.bytes }),
    { files: 0, bytes: 0 },
  );
  const many = fragmented.filter((table) => table.files >= files.fair).map(({ table }) => table);
  return {
    dimension: "storage",
    measured: `all tables: ${number(all.files)} files, ${size(all.bytes)}` +
      (worst
        ? `; most small ones: ${worst.table}, ${number(worst.files)} of ` +
          `${size(worst.bytes / worst.files)} on average`
        : ""),
    verdict,
    advice: [
      verdict === "good"
        ? "nothing to merge"
        : `optimize ${many.join(", ")}: optimize(lake), or notebook 10 with optimizeTables`,
      ...compressionAdvice(parquet),
    ].join("; "),
  };
}

function compressionAdvice(parquet: StorageMeasurement["parquet"]): string[] {
  // The first one of each is with DuckDB's own row groups.
  const [snappy, zstd] = ["snappy", "zstd"].map((name) =>
    parquet.find(({ compression }) => compression === name)!
  );
  const saved = 1 - zstd.bytes / snappy.bytes;
  if (saved < compressionSaves) return [];
  return [
    `zstd would save ${percent(saved)} of gold's bytes: ` +
    "CALL lake.set_option('parquet_compression', 'zstd')",
  ];
}
