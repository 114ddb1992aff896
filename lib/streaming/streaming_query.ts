import { randomUUID } from "node:crypto";
import { BirdsongError, messageOf } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { Clock } from "./triggers/clock.ts";
import { MicroBatchExecution, type QueryDefinition } from "./micro_batch_execution.ts";
import type { StreamingQueryProgress } from "./progress.ts";
import { RunMark } from "./processes/running.ts";
import type { QueryIdleEvent } from "./streaming_query_listener.ts";
import type { StreamingQueryStatus } from "./streaming_query_status.ts";
import { executeTriggers } from "./triggers/trigger_executor.ts";
import { waitAtMost } from "./wait_at_most.ts";
import { isWishToStop } from "./wish_to_stop.ts";

/** Is told what a query does. */
export interface QueryEvents {
  onStarted(query: StreamingQuery): void;
  onProgress(progress: StreamingQueryProgress): void;
  onIdle(event: QueryIdleEvent): void;
  onTerminated(query: StreamingQuery): void;
}

const recentBatches = 100;

// Spark's `spark.sql.streaming.noDataProgressEventInterval`, in milliseconds.
const idleInterval = 10_000;

/**
 * A stream that runs in this process: micro-batches from a source through a transform into a sink.
 *
 * The rows of a batch, the position in the source and the progress record are committed together.
 * A process that is killed leaves a batch done or not begun; the next run of the query goes on from
 * the last committed one.
 */
export class StreamingQuery {
  readonly #recent: StreamingQueryProgress[] = [];
  #status: StreamingQueryStatus = {
    message: "Initializing StreamExecution",
    isDataAvailable: false,
    isTriggerActive: false,
  };
  #active = true;
  #error: Error | undefined;
  #idleSince: number | undefined;
  /** Those who wait in `processAllAvailable`. */
  #waiting: (() => void)[] = [];
  #end!: () => void;
  readonly #ended = new Promise<void>((resolve) => this.#end = resolve);

  private constructor(
    private readonly definition: QueryDefinition,
    private readonly clock: Clock,
    private readonly events: QueryEvents,
    private readonly execution: MicroBatchExecution,
    private readonly mark: RunMark,
    private readonly abort: AbortController,
    /** The id of this run. */
    readonly runId: string,
  ) {}

  /** Opens source, sink and checkpoint, and starts the triggers. Errors up to there are thrown here. */
  static async start(
    lake: Lakehouse,
    definition: QueryDefinition,
    clock: Clock,
    events: QueryEvents,
  ): Promise<StreamingQuery> {
    const runId = randomUUID();
    const abort = new AbortController();
    let query: StreamingQuery | undefined;
    const onStop = (reason?: Error) => void query?.stop(reason);
    let mark: RunMark | undefined;
    try {
      mark = new RunMark(lake.folder, definition.name, runId, onStop);
      const { signal } = abort;
      const execution = await MicroBatchExecution.open({ lake, definition, clock, mark, signal });
      query = new StreamingQuery(definition, clock, events, execution, mark, abort, runId);
    } catch (error) {
      const reason = await lake.explain(error, definition.name) ?? error;
      try {
        mark?.end(reason);
      } catch {
        // A disk that ended the query may not let its mark be changed either.
      }
      throw reason;
    }
    events.onStarted(query);
    void query.#run();
    return query;
  }

  /** The query's id, the same in every run. */
  get id(): string {
    return this.execution.id;
  }

  get name(): string {
    return this.definition.name;
  }

  get isActive(): boolean {
    return this.#active;
  }

  /** What the query is doing right now. */
  get status(): StreamingQueryStatus {
    return { ...this.#status };
  }

  /** The error that ended the query; undefined while it runs or when it ended well. */
  get exception(): Error | undefined {
    return this.#error;
  }

  /** Progress of the last batch of this run. */
  get lastProgress(): StreamingQueryProgress | undefined {
    return this.#recent.at(-1);
  }

  /**
   * Progress of the last batches of this run, at most 100, oldest first. Triggers that find nothing
   * leave no record; of Spark's, every ten seconds one does.
   */
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
    await waitAtMost(this.#ended, timeoutMs);
    if (this.#error) throw this.#error;
    return !this.#active;
  }

  /**
   * Waits until everything that is at the source now is processed and committed, or the query has
   * ended. Meant for tests: where data keeps coming faster than it is processed, it may never end,
   * and a query with an interval takes nothing before the next trigger is due.
   *
   * @throws The error that ended the query.
   */
  async processAllAvailable(): Promise<void> {
    if (this.#active) {
      const done = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await Promise.race([done, this.#ended]);
    }
    if (this.#error) throw this.#error;
  }

  /** Whether there is data that no committed batch has taken. */
  isDataAvailable(): Promise<boolean> {
    return this.execution.isDataAvailable();
  }

  /**
   * Ends the query and waits for it. The batch in progress is given up; it is planned anew in the
   * next run.
   *
   * @param reason An error that `awaitTermination` shall throw, where the end is no wish of the
   *   one who waits: the stop button.
   */
  async stop(reason?: Error): Promise<void> {
    this.abort.abort(reason);
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { definition: { trigger }, clock, abort: { signal } } = this;
    try {
      await executeTriggers({ trigger, clock, signal }, (look) => this.#runTrigger(look));
    } catch (error) {
      this.#error = await this.#errorOf(error);
    }
    try {
      this.execution.close();
      this.mark.end(this.#error);
    } catch (error) {
      this.#error ??= await this.#explain(error);
    }
    this.#active = false;
    const message = this.#error ? `Terminated with exception: ${this.#error.message}` : "Stopped";
    this.#status = { message, isDataAvailable: false, isTriggerActive: false };
    this.events.onTerminated(this);
    this.#end();
  }

  /** Takes one batch, if there is data; says whether there was. */
  async #runTrigger(look: boolean): Promise<boolean> {
    // Only a look that begins now sees all that was there when they began to wait.
    const waiting = look ? this.#waiting.splice(0) : [];
    const timestamp = this.clock.now();
    const { description } = this.definition.source;
    this.#status.message = `Getting offsets from ${description}`;
    this.#status.isTriggerActive = true;
    const planned = await this.execution.plan(look);
    this.#status.isDataAvailable = planned !== undefined;
    if (planned) {
      this.#status.message = "Processing new data";
      this.#onProgress(await this.execution.run(planned));
      this.#status.message = "Waiting for next trigger";
      this.#waiting.push(...waiting);
    } else {
      this.#status.message = "Waiting for data to arrive";
      this.#onNoData(timestamp);
      for (const done of waiting) done();
    }
    this.#status.isTriggerActive = false;
    return planned !== undefined;
  }

  #onProgress(progress: StreamingQueryProgress): void {
    this.#recent.push(progress);
    if (this.#recent.length > recentBatches) this.#recent.shift();
    this.#idleSince = this.clock.now();
    this.events.onProgress(progress);
  }

  #onNoData(triggerStart: number): void {
    const now = this.clock.now();
    this.#idleSince ??= now;
    if (now - this.#idleSince < idleInterval) return;
    this.#idleSince = now;
    const { id, runId } = this;
    this.events.onIdle({ id, runId, timestamp: new Date(triggerStart).toISOString() });
  }

  /** The error that `thrown` is to the one who waits for the end; undefined for a wish to stop. */
  async #errorOf(thrown: unknown): Promise<Error | undefined> {
    const { signal } = this.abort;
    const { reason } = signal;
    if (!isWishToStop(thrown, signal)) return await this.#explain(thrown);
    return reason?.name === "AbortError" ? undefined : await this.#explain(reason);
  }

  async #explain(error: unknown): Promise<Error> {
    if (error instanceof BirdsongError) return error;
    const { batchId } = this.execution;
    const reason = await this.execution.explain(error) ?? error;
    return new BirdsongError(`${this.name} failed in batch ${batchId}: ${messageOf(reason)}`, {
      cause: error,
      context: { query: this.name, batchId },
    });
  }
}
