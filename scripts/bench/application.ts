import { join } from "node:path";
import { literal } from "../../lib/lakehouse/sql_text.ts";
import { defaultLimits } from "../../lib/streaming/default_limits.ts";
import { Session } from "../../lib/streaming/session.ts";
import { ForeachBatchSink } from "../../lib/streaming/sink.ts";
import { TableSource } from "../../lib/streaming/sources/table_source.ts";
import {
  application as applicationTransform,
  applicationSchema,
  mergeApplication,
} from "../../lib/tweets/application.ts";
import { BareDuckDB, bareSql, exportTable } from "./bare_duckdb.ts";
import { type Bench, commit, type Stage } from "./context.ts";
import { Triggers } from "./execution.ts";
import { type Figure, timesOf } from "./figure.ts";
import { type Compared, inTurns } from "./taken.ts";

const smallBatches = 10;
const smallRows = 100;

/** Gold to application: all of it, then small batches behind a tenth of it and behind all of it. */
export const application: Stage = async (bench) => {
  const session = await bench.session();
  const gold = await exportTable(bench, session, "gold");
  const rows = await session.lake.count("gold");
  const few = await incremental(bench, gold, Math.ceil(rows / 10));
  const many = await incremental(bench, gold, rows);
  return [
    await whole(bench, session, gold),
    timesOf({
      stage: "application",
      what: `a batch of ${smallRows} rows`,
      peer: "the same MERGE in a bare DuckDB file",
      goal: { atMost: 1.5 },
    }, many),
    timesOf({
      stage: "application",
      what: `a batch of ${smallRows} rows behind all tweets`,
      peer: "the same batch behind a tenth of them",
      goal: { atMost: 1.2 },
    }, { ours: many.ours, peer: few.ours }),
  ];
};

async function whole(bench: Bench, session: Session, gold: string): Promise<Figure> {
  const bare = await BareDuckDB.open();
  const sql = await bareSql(applicationTransform, literal(gold));
  const result = literal(join(bench.folder, "application-bare.parquet"));
  const measured = await inTurns(bench.options.rounds, {
    prepare: () =>
      commit(session, (connection) => connection.run("DROP TABLE IF EXISTS application")),
    async ours(round) {
      const triggers = await openStream(
        session,
        `application_${round}`,
        defaultLimits.maxRowsPerTrigger,
      );
      await triggers.all();
      triggers.close();
    },
    peer: () => bare.connection.run(`COPY (${sql}) TO ${result} (FORMAT parquet)`),
  });
  bare.close();
  return timesOf({
    stage: "application",
    what: `${bench.options.tweets} tweets, gold to application`,
    peer: "the same SQL in bare DuckDB, Parquet to Parquet",
    goal: { atMost: 1.5 },
  }, measured);
}

/** Small batches behind `rows` rows of gold, in a lake of their own. */
async function incremental(bench: Bench, gold: string, rows: number): Promise<Compared> {
  const session = await Session.open(join(bench.folder, `application-${rows}`));
  const bare = await BareDuckDB.open(join(bench.folder, `application-${rows}.duckdb`));
  const first = `(FROM ${literal(gold)} LIMIT ${rows})`;
  const pending = (batch: number) =>
    `(FROM ${literal(gold)} LIMIT ${smallRows} OFFSET ${batch * smallRows})`;
  await commit(session, (connection) => connection.run(`CREATE TABLE gold AS ${first}`));
  const big = await openStream(session, "application_stream", rows);
  await big.all();
  big.close();
  const aggregate = (relation: string) => bareSql(applicationTransform, relation);
  await bare.connection.run(`CREATE TABLE application AS ${await aggregate(first)}`);
  const triggers = await openStream(session, "application_stream", defaultLimits.maxRowsPerTrigger);
  const measured = await inTurns(smallBatches, {
    prepare: (batch) =>
      commit(session, (connection) => connection.run(`INSERT INTO gold ${pending(batch)}`)),
    ours: () => triggers.once(),
    peer: async (batch) =>
      mergeApplication(bare.connection, `(${await aggregate(pending(batch))})`, batch),
  });
  triggers.close();
  bare.close();
  await session.close();
  return measured;
}

function openStream(session: Session, name: string, rows: number): Promise<Triggers> {
  return Triggers.open(session, {
    name,
    source: new TableSource(session.lake, "gold", rows),
    transform: applicationTransform,
    sink: new ForeachBatchSink("application", applicationSchema, mergeApplication),
  });
}
