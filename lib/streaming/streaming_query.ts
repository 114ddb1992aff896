import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";
import type { Connection } from "../lakehouse/connection.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { Checkpoint, type QueryState } from "./checkpoint.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import { RunMark } from "./running.ts";
import type { Sink } from "./sink.ts";
import { stageBatch } from "./stage_batch.ts";
import type { LoadedBatch, StreamSource } from "./source.ts";
import { type MicroBatch, type Transform, withAddedColumns } from "./transform.ts";
import { intervalOf, type Trigger } from "./trigger.ts";

/** Everything a query is made of. */
export interface QueryDefinition {
  name: string;
  source: StreamSource;
  transform: Transform;
  sink: Sink;
  trigger: Trigger;
  /** Told of every committed batch. */
  onProgress(progress: StreamingQueryProgress): void;
  /** Told of the end, with the error if there was one. */
  onTerminated(error: Error | undefined): void;
}

const recentBatches = 100;

/**
 * A stream that runs in this process: micro-batches from a source through a transform into a sink.
 *
 * The rows of a batch, the position in the source and the progress record are committed together.
 * A process that is killed leaves a batch done or not begun; the next run of the query goes on from
 * the last committed one.
 */
export class StreamingQuery {
  readonly #stop = new AbortController();
  readonly #recent: StreamingQueryProgress[] = [];
  #ended: Promise<void> = Promise.resolve();
  #active = false;
  #latestOffset = 0;
  #error: Error | undefined;

  private constructor(
    private readonly lake: Lakehouse,
    private readonly definition: QueryDefinition,
    private readonly connection: Connection,
    private readonly checkpoint: Checkpoint,
    private state: QueryState,
    /** The id of this run. */
    readonly runId: string,
  ) {}

  /** Opens source, sink and checkpoint, and starts the loop. Errors up to there are thrown here. */
  static async start(lake: Lakehouse, definition: QueryDefinition): Promise<StreamingQuery> {
    const runId = randomUUID();
    let query: StreamingQuery | undefined;
    const connection = await lake.connect();
    let mark: RunMark | undefined;
    try {
      const onStop = (reason?: Error) => void query?.stop(reason);
      mark = new RunMark(lake.folder, definition.name, runId, onStop);
      const checkpoint = new Checkpoint(lake, definition.name);
      const state = await checkpoint.open(connection, mark.run);
      mark.becomeHolder();
      const { name: queryName } = definition;
      const outputColumns = Object.keys(definition.transform.schema);
      await definition.source.open({ connection, queryName, offset: state.offset, outputColumns });
      const transform = withAddedColumns(definition.transform, definition.source.addedColumns);
      // Behind the source: without it there is no table that the next stream would take for ready.
      await definition.sink.open(lake, transform.schema);
      definition = { ...definition, transform };
      query = new StreamingQuery(lake, definition, connection, checkpoint, state, runId);
      query.#active = true;
      query.#ended = query.#run().finally(() => mark?.end(query?.exception));
      return query;
    } catch (error) {
      mark?.end(error);
      connection.close();
      throw error;
    }
  }

  /** The query's id, the same in every run. */
  get id(): string {
    return this.state.id;
  }

  get name(): string {
    return this.definition.name;
  }

  get isActive(): boolean {
    return this.#active;
  }

  /** The error that ended the query; undefined while it runs or when it ended well. */
  get exception(): Error | undefined {
    return this.#error;
  }

  /** Progress of the last batch of this run. */
  get lastProgress(): StreamingQueryProgress | undefined {
    return this.#recent.at(-1);
  }

  /** Progress of the last batches of this run, at most 100, oldest first. */
  get recentProgress(): readonly StreamingQueryProgress[] {
    return this.#recent;
  }

  /**
   * Waits for the query's end.
   *
   * @param timeoutMs Give up waiting after so many milliseconds.
   * @returns Whether the query has ended.
   * @throws The error that ended it.
   */
  async awaitTermination(timeoutMs?: number): Promise<boolean> {
    if (timeoutMs === undefined) await this.#ended;
    else {
      const timer = new AbortController();
      await Promise.race([
        this.#ended,
        sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => {}),
      ]);
      timer.abort();
    }
    if (this.#error) throw this.#error;
    return !this.#active;
  }

  /** Whether there is data that no committed batch has taken. */
  isDataAvailable(): Promise<boolean> {
    return this.definition.source.isDataAvailable();
  }

  /**
   * Ends the query and waits for it. The batch in progress is given up; it is planned anew in the
   * next run.
   *
   * @param reason An error that `awaitTermination` shall throw, where the end is no wish of the
   *   one who waits: the stop button.
   */
  async stop(reason?: Error): Promise<void> {
    this.#stop.abort(reason);
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { trigger } = this.definition;
    try {
      if ("processingTime" in trigger) {
        await this.#runAtIntervals(intervalOf(trigger.processingTime));
      } else {
        await this.#refresh();
        while (await this.#runBatch() && !("once" in trigger));
      }
    } catch (error) {
      // A wish to stop ends a wait or a transform with an AbortError, or with the reason given; any
      // other error is one, also when it came meanwhile.
      const { aborted, reason } = this.#stop.signal;
      const asked = aborted && (error === reason || (error as Error)?.name === "AbortError");
      if (!asked) this.#error = this.#explain(error);
      else if (reason?.name !== "AbortError") this.#error = this.#explain(reason);
    } finally {
      this.#active = false;
      this.connection.close();
      this.definition.onTerminated(this.#error);
    }
  }

  async #runAtIntervals(interval: number): Promise<void> {
    for (;;) {
      const due = performance.now() + interval;
      await this.#refresh();
      await this.#runBatch();
      await sleep(Math.max(0, due - performance.now()), undefined, { signal: this.#stop.signal });
    }
  }

  async #refresh(): Promise<void> {
    const clock = stopwatch();
    await this.definition.source.refresh();
    this.#latestOffset = clock();
  }

  /** Runs one batch; false when there was no data. */
  async #runBatch(): Promise<boolean> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const { name, source, sink, trigger } = this.definition;
    // One look at the source may serve several batches; it counts once, in the first one.
    const latestOffset = this.#latestOffset;
    this.#latestOffset = 0;
    const timestamp = new Date(Date.now() - latestOffset);
    const clock = stopwatch();
    const relation = `${name}_batch`;
    const loaded = await source.load(
      relation,
      signal,
      "once" in trigger ? "allAvailable" : "options",
    );
    if (!loaded) return false;
    const getBatch = clock();
    const batchId = this.state.batchId + 1;
    const { numInputRows } = loaded;
    const { connection } = this;
    const batch: MicroBatch = { id: batchId, relation, numInputRows, connection, signal };
    const { staged, observed } = await stageBatch(this.definition.transform, batch, loaded);
    const addBatch = clock();
    const progress: StreamingQueryProgress = {
      id: this.state.id,
      runId: this.runId,
      name,
      timestamp: timestamp.toISOString(),
      batchId,
      batchDuration: 0,
      numInputRows,
      inputRowsPerSecond: 0,
      processedRowsPerSecond: 0,
      durationMs: { latestOffset, getBatch, addBatch, commitBatch: 0, triggerExecution: 0 },
      observedMetrics: observed,
      sources: [{
        description: source.description,
        startOffset: this.state.offset ?? null,
        endOffset: loaded.endOffset,
        latestOffset: loaded.latestOffset,
        numInputRows,
        metrics: loaded.metrics ?? {},
      }],
      sink: { description: sink.description, numOutputRows: 0 },
    };
    await this.#commit(progress, loaded, staged);
    source.committed();
    this.state = { ...this.state, batchId, offset: loaded.endOffset };
    this.#recent.push(progress);
    if (this.#recent.length > recentBatches) this.#recent.shift();
    this.definition.onProgress(progress);
    return true;
  }

  async #commit(
    progress: StreamingQueryProgress,
    loaded: LoadedBatch,
    staged: string,
  ): Promise<void> {
    const { name, sink } = this.definition;
    const { batchId, numInputRows } = progress;
    const clock = stopwatch();
    const started = Date.parse(progress.timestamp);
    await this.lake.commit(
      this.connection,
      { author: name, message: `batch ${batchId}`, extra: { batchId, runId: this.runId } },
      async (connection) => {
        if (!await this.checkpoint.advance(connection, progress, loaded.endOffset)) return;
        progress.sink.numOutputRows = await sink.write(connection, staged, batchId);
        await loaded.record?.(connection, batchId);
        const { durationMs } = progress;
        // Up to here: how long COMMIT itself takes is not known before it.
        durationMs.commitBatch = clock();
        progress.batchDuration = durationMs.triggerExecution = Date.now() - started;
        const seconds = Math.max(1, progress.batchDuration) / 1000;
        progress.inputRowsPerSecond = progress.processedRowsPerSecond = numInputRows / seconds;
        await this.checkpoint.record(connection, progress);
      },
    );
  }

  #explain(error: unknown): Error {
    if (error instanceof BirdsongError) return error;
    return new BirdsongError(
      `${this.name} failed in batch ${this.state.batchId + 1}: ${messageOf(error)}`,
      { cause: error, context: { query: this.name, batchId: this.state.batchId + 1 } },
    );
  }
}

/** Measures whole milliseconds since its last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = Math.round(now - last);
    last = now;
    return elapsed;
  };
}
