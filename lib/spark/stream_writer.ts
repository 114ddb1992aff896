import { BirdsongError } from "../errors.ts";
import type { Schema } from "../lakehouse/sql_text.ts";
import type { WriteOptions } from "../streaming/data_stream_writer.ts";
import type { EngineQuery, EngineWriter } from "../streaming/engine.ts";
import { checkQueryName } from "../streaming/query_name.ts";
import type { ForeachBatch } from "../streaming/sink.ts";
import { keptCondition, type Transform } from "../streaming/transform.ts";
import { checkTrigger, defaultTrigger, type Trigger } from "../streaming/triggers/trigger.ts";
import { type CommandInit, type RelationInit, sqlRelation } from "./client/plans.ts";
import { checkedMetrics, metCondition } from "./expectations.ts";
import { inputMetrics, observations, observed, outputMetrics } from "./metrics.ts";
import { SparkMergeQuery } from "./merge_query.ts";
import { SparkQuery } from "./spark_query.ts";
import type { SparkSession } from "./spark_session.ts";
import type { SparkSource } from "./stream_reader.ts";
import { sparkColumns, sparkIdentifier, sparkLiteral } from "./sql.ts";
import { executorCommand } from "./executor_command.ts";

/** Ends a stream: `writeStream.queryName("bronze_stream").trigger({...}).toTable("bronze")`. */
export class SparkStreamWriter implements EngineWriter {
  #name: string | undefined;
  #trigger = defaultTrigger;
  #options: WriteOptions = {};

  constructor(
    private readonly session: SparkSession,
    private readonly source: SparkSource,
    private readonly transform: Transform,
  ) {}

  /** The query's name; its checkpoint is kept under it. */
  queryName(name: string): this {
    checkQueryName(name);
    this.#name = name;
    return this;
  }

  /** When the query looks for data. */
  trigger(trigger: Trigger): this {
    checkTrigger(trigger);
    this.#trigger = trigger;
    return this;
  }

  /** Sets options beside those that are set already. */
  options(options: WriteOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /** Starts the query as one of Spark's; its rows are appended to the table. */
  async toTable(table: string): Promise<EngineQuery> {
    const name = this.#checkedName();
    return await this.session.streams.start(name, () => this.#startAppend(name, table));
  }

  /**
   * Starts a query that this process drives: each batch goes to `merge` in one commit of Delta's; see
   * {@linkcode SparkMergeQuery}.
   */
  async foreachBatch(table: string, schema: Schema, merge: ForeachBatch): Promise<EngineQuery> {
    const { session, transform, source } = this;
    const name = this.#checkedName();
    const { table: deltaSource } = source;
    if (deltaSource === undefined) {
      throw new BirdsongError("on Spark, foreachBatch follows a table, not a folder of files");
    }
    if (Object.keys(transform.expectations ?? {}).length > 0) {
      throw new BirdsongError("on Spark, a stream with foreachBatch cannot have expectations");
    }
    return await session.streams.start(name, async () =>
      SparkMergeQuery.start({
        session,
        name,
        appId: `${name}-${await createTable(session, table, schema)}`,
        source: deltaSource,
        transform,
        merge,
        trigger: this.#trigger,
      }));
  }

  async #startAppend(name: string, table: string): Promise<SparkQuery> {
    const { session, transform } = this;
    if (this.source.table?.limits.maxRowsPerTrigger !== undefined) {
      session.warnOnce(
        "On Spark, maxRowsPerTrigger has no effect on this stream: a batch takes whole files of a " +
          "table, at most maxFilesPerTrigger of them.",
      );
    }
    const tableId = await createTable(session, table, transform.schema);
    const result = await this.#result(name);
    const relation = observed(result, observations.output, outputMetrics(transform));
    const command: CommandInit = {
      commandType: {
        case: "writeStreamOperationStart",
        value: {
          input: relation,
          format: "delta",
          outputMode: "append",
          queryName: name,
          options: {
            // With the table's id: a table that was dropped takes its stream's past with it.
            checkpointLocation: `${session.location}/_checkpoints/${name}-${tableId}`,
            mergeSchema: String(this.#options.mergeSchema ?? false),
          },
          trigger: sparkTrigger(this.#trigger),
          sinkDestination: { case: "tableName", value: table },
        },
      },
    };
    return await SparkQuery.start(session.client, command, name, transform);
  }

  /** The transform's result, without the rows that are not to be written. */
  async #result(name: string): Promise<RelationInit> {
    const { session: { executorProject }, transform } = this;
    const result = sqlRelation(transform.spark!({
      relation: await this.#input(name),
      scoreCommand: (model) => executorCommand(executorProject, { task: "score", model }),
    }));
    if (Object.keys(transform.expectations ?? {}).length === 0) return result;
    const checked = observed(result, observations.checked, checkedMetrics(transform));
    const met = metCondition(transform);
    if (!met) return checked;
    const view = `birdsong_${name}_checked`;
    await this.#createView(view, checked);
    return sqlRelation(`SELECT * FROM ${sparkIdentifier(view)} WHERE ${met}`);
  }

  /** Makes the views of what is read, and returns the one of the rows that the transform wants. */
  async #input(name: string): Promise<string> {
    const { source, transform } = this;
    const view = (part: string) => `birdsong_${name}_${part}`;
    await this.#createView(view("source"), source.relation);
    const rows = sqlRelation(source.rows(sparkIdentifier(view("source"))));
    const metrics = inputMetrics(source, transform);
    await this.#createView(view("rows"), observed(rows, observations.input, metrics));
    const kept = keptCondition(transform);
    if (!kept) return sparkIdentifier(view("rows"));
    return `(SELECT * FROM ${sparkIdentifier(view("rows"))} WHERE ${kept})`;
  }

  async #createView(name: string, input: RelationInit): Promise<void> {
    const command = this.session.client.command({
      commandType: {
        case: "createDataframeView",
        value: { input, name, isGlobal: false, replace: true },
      },
    });
    for await (const _ of command);
  }

  #checkedName(): string {
    if (!this.#name) throw new BirdsongError("a stream needs queryName(...) before it starts");
    return this.#name;
  }
}

/** Makes a table where there is none of this name; returns Delta's id of it. */
async function createTable(session: SparkSession, name: string, schema: Schema): Promise<string> {
  await session.sql(
    // The change feed costs an append nothing: Delta takes it from the files that were added.
    `CREATE TABLE IF NOT EXISTS ${sparkIdentifier(name)} (${sparkColumns(schema)}) USING delta
     TBLPROPERTIES (${sparkLiteral("delta.enableChangeDataFeed")} = 'true')`,
  );
  const [{ id }] = await session.sql(`DESCRIBE DETAIL ${sparkIdentifier(name)}`);
  return id;
}

function sparkTrigger(trigger: Trigger) {
  if ("availableNow" in trigger) return { case: "availableNow" as const, value: true };
  if ("once" in trigger) return { case: "once" as const, value: true };
  return { case: "processingTimeInterval" as const, value: trigger.processingTime };
}
