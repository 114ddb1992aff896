import { randomUUID } from "node:crypto";
import { BirdsongError, messageOf } from "../errors.ts";
import type { EngineQuery } from "../streaming/engine.ts";
import { batchProgress } from "../streaming/batch_progress.ts";
import type { Row } from "../lakehouse/row.ts";
import type { DurationMs, StreamingQueryProgress } from "../streaming/progress.ts";
import { isWishToStop } from "../streaming/wish_to_stop.ts";
import type { StreamingQueryStatus } from "../streaming/streaming_query_status.ts";
import { systemClock } from "../streaming/triggers/clock.ts";
import type { Trigger } from "../streaming/triggers/trigger.ts";
import { executeTriggers } from "../streaming/triggers/trigger_executor.ts";
import { waitAtMost } from "../streaming/wait_at_most.ts";
import { type Batch, BatchLog } from "./batch_log.ts";
import { endOfQuery } from "./end_of_query.ts";
import { type BatchDefinition, batchMetrics, mergeBatch } from "./merge_batch.ts";
import { shownMetrics } from "./metrics.ts";
import type { SparkSession } from "./spark_session.ts";

/** What a query with `foreachBatch` is. */
export interface MergeQueryDefinition extends BatchDefinition {
  session: SparkSession;
  trigger: Trigger;
}

/**
 * A stream with `foreachBatch` on Spark. Spark takes such functions in Python and Scala only, so this
 * process plans the batches, and Spark runs them: the rows that were added to a Delta table between
 * two versions (its change feed), the transform, and a MERGE.
 *
 * A batch is written down before it begins, and marked when it is done ({@linkcode BatchLog}). One that
 * was begun and is not marked is run again, with the same versions: it carries its number into Delta's
 * commit (`txnAppId`, `txnVersion`), and Delta leaves out a write whose number it has. That is what
 * Spark's offset log, commit log and idempotent sinks do.
 */
export class SparkMergeQuery implements EngineQuery {
  readonly runId = randomUUID();
  #recent: StreamingQueryProgress[] = [];
  #active = true;
  #error: Error | undefined;
  #message = "Initializing StreamExecution";
  #lastStart: number | undefined;
  /** The source's last version, as of the last look. */
  #latestVersion = -1;
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
    if (this.#message === "Processing new data") return true;
    const last = await this.log.last();
    return !last?.done || await this.definition.source.latestVersion() !== last.endVersion;
  }

  /**
   * Ends the query and waits for it; a batch under way is broken off, and run again after the next
   * start.
   *
   * @throws {BirdsongError} where it has not ended within a minute.
   */
  async stop(reason?: Error): Promise<void> {
    this.#abort.abort(reason);
    const { name, definition: { session: { client: { server } } } } = this;
    await endOfQuery(this.#ended, { name, server });
  }

  async #run(): Promise<void> {
    const { definition: { source, trigger }, log, writer } = this;
    const { signal } = this.#abort;
    try {
      const start = Date.now();
      const begun = await log.last();
      if (begun && !begun.done) {
        await source.check(begun);
        await this.#process(begun, start, false);
      }
      await executeTriggers(
        { trigger, clock: systemClock, signal },
        (look) => this.#runTrigger(look),
      );
    } catch (error) {
      if (!isWishToStop(error, signal)) this.#error = this.#explain(error);
      else if (signal.reason?.name !== "AbortError") this.#error = signal.reason;
    }
    await writer.close();
    this.#active = false;
    this.#message = this.#error ? `Terminated with exception: ${this.#error.message}` : "Stopped";
  }

  async #runTrigger(look: boolean): Promise<boolean> {
    const { definition: { source, trigger }, log } = this;
    const start = Date.now();
    this.#message = `Getting offsets from ${source.table}`;
    if (look) this.#latestVersion = await source.latestVersion();
    const limited = !("once" in trigger);
    const batch = await source.next(await log.last(), this.#latestVersion, limited);
    if (!batch) {
      this.#message = "Waiting for data to arrive";
      return false;
    }
    const isNew = await log.begin(batch);
    const begun = isNew ? { ...batch, done: false } : (await log.last())!;
    // Another process may have done it meanwhile.
    if (!begun.done) await this.#process(begun, start, isNew);
    return true;
  }

  async #process(batch: Batch, start: number, isNew: boolean): Promise<void> {
    this.#message = "Processing new data";
    const begun = Date.now();
    const { definition, writer } = this;
    const { signal } = this.#abort;
    const numOutputRows = await mergeBatch(writer, definition, batch, { isNew, signal });
    const merged = Date.now();
    // After the merge: of a batch that is in the table already, the files may be gone.
    const input = numOutputRows === undefined
      ? undefined
      : await batchMetrics(writer, definition, batch, signal);
    await this.log.markDone(batch);
    const end = Date.now();
    if (input) {
      this.#recent.push(this.#progressOf(batch, input, numOutputRows!, start, {
        latestOffset: begun - start,
        getBatch: 0,
        addBatch: merged - begun,
        commitOffsets: end - merged,
        triggerExecution: end - start,
      }));
    }
    this.#lastStart = start;
    this.#message = "Waiting for next trigger";
  }

  #progressOf(
    { batchId, startVersion, endVersion }: Batch,
    input: Row,
    numOutputRows: number,
    start: number,
    durationMs: DurationMs,
  ): StreamingQueryProgress {
    const { name, source, transform } = this.definition;
    return batchProgress({
      id: this.id,
      runId: this.runId,
      name,
      batchId,
      start,
      lastStart: this.#lastStart,
      durationMs,
      observed: shownMetrics(transform, input),
      expectations: [],
      source: `DeltaSource[${source.table}]`,
      startOffset: startVersion,
      loaded: {
        numInputRows: input.numInputRows,
        endOffset: endVersion,
        latestOffset: Math.max(endVersion, this.#latestVersion),
      },
      sink: { description: "ForeachBatchSink", numOutputRows, metrics: { commitAttempts: 1 } },
    });
  }

  #explain(error: unknown): Error {
    return new BirdsongError(`${this.name} failed: ${messageOf(error)}`, {
      cause: error,
      context: { query: this.name },
    });
  }
}
