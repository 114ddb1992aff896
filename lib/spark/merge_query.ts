import { randomUUID } from "node:crypto";
import { BirdsongError, messageOf } from "../errors.ts";
import type { EngineQuery } from "../streaming/engine.ts";
import { batchProgress } from "../streaming/batch_progress.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";
import type { ForeachBatch } from "../streaming/sink.ts";
import { isWishToStop } from "../streaming/wish_to_stop.ts";
import type { StreamingQueryStatus } from "../streaming/streaming_query_status.ts";
import { keptCondition, type Transform } from "../streaming/transform.ts";
import { systemClock } from "../streaming/triggers/clock.ts";
import type { Trigger } from "../streaming/triggers/trigger.ts";
import { executeTriggers } from "../streaming/triggers/trigger_executor.ts";
import { waitAtMost } from "../streaming/wait_at_most.ts";
import { type Batch, BatchLog } from "./batch_log.ts";
import { inputMetrics, shownMetrics } from "./metrics.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier, sparkLiteral } from "./sql.ts";

/** What a query with `foreachBatch` is. */
export interface MergeQueryDefinition {
  session: SparkSession;
  name: string;
  /** Under which Delta notes in the table which batches it has. */
  appId: string;
  /** The table that is read. */
  table: string;
  transform: Transform;
  merge: ForeachBatch;
  trigger: Trigger;
}

/**
 * A stream with `foreachBatch` on Spark. Spark takes such functions in Python and Scala only, so this
 * process plans the batches, and Spark runs them: the rows that were added to a Delta table between
 * two versions (its change feed), the transform, and a MERGE.
 *
 * A batch is written down before it begins ({@linkcode BatchLog}), and carries its number into Delta's
 * commit (`txnAppId`, `txnVersion`). After a crash the last batch is run again, with the same versions;
 * Delta leaves out a write whose number it has. That is what Spark's offset log and idempotent sinks do.
 */
export class SparkMergeQuery implements EngineQuery {
  readonly runId = randomUUID();
  #recent: StreamingQueryProgress[] = [];
  #active = true;
  #error: Error | undefined;
  #message = "Initializing StreamExecution";
  #lastStart: number | undefined;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(
    private readonly definition: MergeQueryDefinition,
    private readonly log: BatchLog,
    /** A session of its own: the batch's number is configuration, which all writes of a session see. */
    private readonly writer: SparkSession,
  ) {
    this.#ended = this.#run();
  }

  static async start(definition: MergeQueryDefinition): Promise<SparkMergeQuery> {
    const log = await BatchLog.open(definition.session, definition.appId);
    return new SparkMergeQuery(definition, log, await definition.session.another());
  }

  get id(): string {
    return this.definition.appId;
  }

  get name(): string {
    return this.definition.name;
  }

  get isActive(): boolean {
    return this.#active;
  }

  get status(): StreamingQueryStatus {
    const isTriggerActive = this.#message === "Processing new data";
    return { message: this.#message, isDataAvailable: isTriggerActive, isTriggerActive };
  }

  get exception(): Error | undefined {
    return this.#error;
  }

  get lastProgress(): StreamingQueryProgress | undefined {
    return this.#recent.at(-1);
  }

  get recentProgress(): readonly StreamingQueryProgress[] {
    return this.#recent;
  }

  async awaitTermination(timeoutMs?: number): Promise<boolean> {
    await waitAtMost(this.#ended, timeoutMs);
    if (this.#error) throw this.#error;
    return !this.#active;
  }

  async processAllAvailable(): Promise<void> {
    while (this.#active && await this.isDataAvailable()) await waitAtMost(this.#ended, 500);
    if (this.#error) throw this.#error;
  }

  async isDataAvailable(): Promise<boolean> {
    return this.#message === "Processing new data" ||
      await this.log.next(this.definition.table) !== undefined;
  }

  async stop(reason?: Error): Promise<void> {
    this.#abort.abort(reason);
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { definition: { trigger }, writer } = this;
    const { signal } = this.#abort;
    try {
      // An earlier run has begun it, and perhaps not ended.
      const begun = await this.log.last();
      if (begun) await this.#process(begun);
      await executeTriggers(
        { trigger, clock: systemClock, signal },
        // A batch holds all that a look has found.
        async (look) => look && await this.#runTrigger(),
      );
    } catch (error) {
      if (!isWishToStop(error, signal)) this.#error = this.#explain(error);
      else if (signal.reason?.name !== "AbortError") this.#error = signal.reason;
    }
    await writer.close();
    this.#active = false;
    this.#message = this.#error ? `Terminated with exception: ${this.#error.message}` : "Stopped";
  }

  async #runTrigger(): Promise<boolean> {
    this.#message = `Getting offsets from ${this.definition.table}`;
    const batch = await this.log.next(this.definition.table);
    if (!batch) {
      this.#message = "Waiting for data to arrive";
      return false;
    }
    await this.#process(await this.log.begin(batch));
    return true;
  }

  async #process(batch: Batch): Promise<void> {
    this.#message = "Processing new data";
    const progress = await this.#runBatch(batch);
    if (progress) this.#recent.push(progress);
    this.#message = "Waiting for next trigger";
  }

  /** Runs a batch; undefined where Delta has it already. */
  async #runBatch(
    { batchId, startVersion, endVersion }: Batch,
  ): Promise<StreamingQueryProgress | undefined> {
    const { writer, definition: { appId, table, transform, merge, name } } = this;
    const start = Date.now();
    await writer.client.setConfig({
      "spark.databricks.delta.write.txnAppId": appId,
      "spark.databricks.delta.write.txnVersion": String(batchId),
    });
    const rows = `(SELECT * FROM table_changes(${
      sparkLiteral(table)
    }, ${startVersion}, ${endVersion})
      WHERE _change_type = 'insert')`;
    const metrics = Object.entries(inputMetrics({ observe: {} }, transform))
      .map(([metric, aggregate]) => `${aggregate} AS ${sparkIdentifier(metric)}`);
    const [input] = await writer.sql(`SELECT ${metrics.join(", ")} FROM ${rows}`);
    const kept = keptCondition(transform);
    const where = kept ? ` WHERE ${kept}` : "";
    const batch = sparkIdentifier(`birdsong_${name}_batch`);
    const result = transform.spark!({
      relation: `(SELECT * FROM ${rows}${where})`,
      scoreCommand: () => {
        throw new BirdsongError("on Spark, a stream with foreachBatch cannot score");
      },
    });
    await writer.sql(`CREATE OR REPLACE TEMP VIEW ${batch} AS ${result}`);
    const planned = Date.now();
    let skipped = true;
    const run = async (sql: string) => {
      const [written] = await writer.sql(sql);
      if (written) skipped = false;
      return Number(written?.num_affected_rows ?? 0);
    };
    const numOutputRows = await merge({ run }, batch, batchId);
    if (skipped) return undefined;
    const end = Date.now();
    const { numInputRows } = input;
    const progress = batchProgress({
      id: this.id,
      runId: this.runId,
      name,
      batchId,
      start,
      lastStart: this.#lastStart,
      durationMs: {
        latestOffset: 0,
        getBatch: planned - start,
        addBatch: end - planned,
        commitOffsets: 0,
        triggerExecution: end - start,
      },
      observed: shownMetrics(transform, input, {}),
      expectations: [],
      source: `DeltaSource[${table}]`,
      startOffset: startVersion,
      loaded: { numInputRows, endOffset: endVersion, latestOffset: endVersion } as never,
      sink: { description: "ForeachBatchSink", numOutputRows, metrics: { commitAttempts: 1 } },
    });
    this.#lastStart = start;
    return progress;
  }

  #explain(error: unknown): Error {
    return new BirdsongError(`${this.name} failed: ${messageOf(error)}`, {
      cause: error,
      context: { query: this.name },
    });
  }
}
