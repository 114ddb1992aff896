import { messageOf } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { optimize } from "../lakehouse/optimize.ts";
import { batchProgress } from "./batch_progress.ts";
import { Checkpoint, type QueryState } from "./checkpoint.ts";
import type { Clock } from "./triggers/clock.ts";
import { recordExpectations } from "./expectations.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import type { RunMark } from "./processes/running.ts";
import type { Sink } from "./sink.ts";
import type { LoadedBatch, StreamSource } from "./sources/source.ts";
import { stageBatch } from "./stage_batch.ts";
import { type MicroBatch, type Transform, withAddedColumns } from "./transform.ts";
import type { Trigger } from "./triggers/trigger.ts";
import { TriggerTimer } from "./triggers/trigger_timer.ts";

// A name or a function that DuckDB looks up in the lake first makes it read the catalog: 2 ms for
// every statement on temporary tables. The lake's tables are still found by their names.
const searchPath = "SET search_path = 'system.main,lake.main'";

const batchesPerCompaction = 50;
// Of the queries' positions. Each batch leaves an old row of its query there, which all later ones of
// all queries read, and which `vacuum` alone does not remove.
const batchesPerCheckpointCompaction = 500;
// In bytes: larger files are not written again and again.
const compactedFileSize = 16 * 1024 ** 2;

/** Everything a query is made of. */
export interface QueryDefinition {
  name: string;
  source: StreamSource;
  transform: Transform;
  sink: Sink;
  trigger: Trigger;
}

/** What a query's execution runs on. */
export interface ExecutionContext {
  lake: Lakehouse;
  definition: QueryDefinition;
  clock: Clock;
  /** The run that the execution is part of. */
  mark: RunMark;
  /** Gives up the batch in progress. */
  signal: AbortSignal;
}

/** Input that has been read, and is to be processed. */
export interface PlannedBatch {
  loaded: LoadedBatch;
  timer: TriggerTimer;
  /** When the trigger before it began; undefined for a run's first one. */
  lastStart: number | undefined;
}

/**
 * Processes a query's batches, one after the other: `plan` reads one, `run` commits it. The rows, the
 * position in the source and the progress record are one transaction.
 */
export class MicroBatchExecution {
  #lastStart: number | undefined;
  /** The batch before which the table was compacted last; none is due when a run begins. */
  #compactedBefore: number;

  private constructor(
    private readonly context: ExecutionContext,
    private readonly connection: Connection,
    private readonly checkpoint: Checkpoint,
    private state: QueryState,
  ) {
    this.#compactedBefore = this.batchId;
  }

  /** Opens source, sink and checkpoint. */
  static async open(context: ExecutionContext): Promise<MicroBatchExecution> {
    const { lake, definition, mark } = context;
    const { name: queryName, source, sink } = definition;
    const connection = await lake.connect();
    try {
      const checkpoint = new Checkpoint(lake, queryName);
      const state = await checkpoint.open(connection, mark.run);
      mark.becomeHolder();
      const { schema, reads: inputColumns } = definition.transform;
      const outputColumns = Object.keys(schema);
      const { offset } = state;
      await source.open({ connection, queryName, offset, outputColumns, inputColumns });
      const transform = withAddedColumns(definition.transform, source.addedColumns);
      // Behind the source: without it there is no table that the next stream would take for ready.
      await sink.open(lake, transform.schema);
      await connection.run(searchPath);
      const evolved = { ...context, definition: { ...definition, transform } };
      return new MicroBatchExecution(evolved, connection, checkpoint, state);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The query's id, the same in every run. */
  get id(): string {
    return this.state.id;
  }

  /** The number of the batch in progress, or of the next one. */
  get batchId(): number {
    return this.state.batchId + 1;
  }

  /**
   * Reads the next batch.
   *
   * @param look Whether to look for what has come since the last look.
   * @returns Undefined when there is nothing new.
   */
  async plan(look: boolean): Promise<PlannedBatch | undefined> {
    await this.#compact();
    const { definition: { name, source, trigger }, clock, signal } = this.context;
    const timer = new TriggerTimer(clock);
    const lastStart = this.#lastStart;
    this.#lastStart = timer.start;
    if (look) await source.refresh();
    timer.spentOn("latestOffset");
    const limit = "once" in trigger ? "allAvailable" : "options";
    const loaded = await source.load(`${name}_batch`, signal, limit);
    timer.spentOn("getBatch");
    return loaded && { loaded, timer, lastStart };
  }

  /** Processes a batch and commits it; returns its progress record. */
  async run({ loaded, timer, lastStart }: PlannedBatch): Promise<StreamingQueryProgress> {
    const { connection, batchId, checkpoint } = this;
    const { lake, definition: { name, source, transform, sink }, mark, signal } = this.context;
    const { runId } = mark.run;
    const { numInputRows, endOffset } = loaded;
    const relation = `${name}_batch`;
    const batch: MicroBatch = { id: batchId, relation, numInputRows, connection, signal };
    const { staged, observed, expectations } = await stageBatch(transform, batch, loaded);
    timer.spentOn("addBatch");

    let numOutputRows = 0;
    let commitAttempts = 0;
    const progress = () =>
      batchProgress({
        id: this.id,
        runId,
        name,
        batchId,
        start: timer.start,
        lastStart,
        durationMs: timer.durationMs,
        observed,
        expectations,
        source: source.description,
        startOffset: this.state.offset,
        loaded,
        sink: { description: sink.description, numOutputRows, metrics: { commitAttempts } },
      });
    const info = { author: name, message: `batch ${batchId}`, extra: { batchId, runId } };
    await lake.commit(connection, info, async (connection) => {
      commitAttempts++;
      if (!await checkpoint.advance(connection, { batchId, runId }, endOffset)) return;
      timer.spentOn("commitOffsets");
      numOutputRows = await sink.write(connection, staged, batchId);
      timer.spentOn("addBatch");
      await loaded.record?.(connection, batchId);
      await recordExpectations(connection, name, batchId, expectations);
      timer.spentOn("commitOffsets");
      await checkpoint.record(connection, progress());
    });
    timer.spentOn("commitOffsets");
    const committed = progress();
    source.committed();
    this.state = { ...this.state, batchId, offset: endOffset };
    return committed;
  }

  /**
   * Keeps batches from growing dearer: each leaves a file or rows in the catalog, and where it
   * changes rows, the old ones.
   */
  async #compact(): Promise<void> {
    const { lake, definition: { name, sink }, signal } = this.context;
    const { batchId } = this;
    if (batchId % batchesPerCompaction !== 0 || batchId === this.#compactedBefore) return;
    this.#compactedBefore = batchId;
    const tables = [sink.table];
    if (batchId % batchesPerCheckpointCompaction === 0) tables.push("checkpoint.queries");
    for (const table of tables) {
      if (signal.aborted) return;
      try {
        await optimize(lake, table, { maxFileSize: compactedFileSize });
      } catch (error) {
        const reason = messageOf(error);
        console.warn(`${name} goes on, but could not compact the table "${table}": ${reason}`);
      }
    }
  }

  /** Whether there is data that no committed batch has taken. */
  isDataAvailable(): Promise<boolean> {
    return this.context.definition.source.isDataAvailable();
  }

  /** See {@linkcode Lakehouse.explain}. */
  explain(error: unknown): Promise<Error | undefined> {
    return this.context.lake.explain(error);
  }

  close(): void {
    this.connection.close();
  }
}
