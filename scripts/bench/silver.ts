import { join } from "node:path";
import { literal } from "../../lib/lakehouse/sql_text.ts";
import { silver as silverTransform } from "../../lib/tweets/silver.ts";
import { BareDuckDB, bareSql, exportTable } from "./bare_duckdb.ts";
import { runTable, type Stage } from "./context.ts";
import { timesOf } from "./figure.ts";
import { inTurns } from "./taken.ts";

/** Bronze to silver. */
export const silver: Stage = async (bench) => {
  const session = await bench.session();
  const bronze = await exportTable(bench, session, "bronze");
  const sql = await bareSql(silverTransform, literal(bronze));
  const result = literal(join(bench.folder, "silver-bare.parquet"));
  const bare = await BareDuckDB.open();
  const measured = await inTurns(bench.options.rounds, {
    ours: (round) => runTable(session, "bronze", silverTransform, `silver_${round}`),
    peer: () => bare.connection.run(`COPY (${sql}) TO ${result} (FORMAT parquet)`),
  });
  bare.close();
  return [timesOf({
    stage: "silver",
    what: `${bench.options.tweets} tweets, bronze to silver`,
    peer: "the same SQL in bare DuckDB, Parquet to Parquet",
    goal: { atMost: 1.5 },
  }, measured)];
};
