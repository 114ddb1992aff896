import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../errors.ts";
import type { EngineQuery } from "../streaming/engine.ts";
import type { StreamingQueryProgress } from "../streaming/progress.ts";
import type { StreamingQueryStatus } from "../streaming/streaming_query_status.ts";
import type { Transform } from "../streaming/transform.ts";
import { waitAtMost } from "../streaming/wait_at_most.ts";
import type { CommandInit } from "./client/plans.ts";
import type { SparkClient } from "./client/spark_client.ts";
import { endOfQuery, stopTimeout } from "./end_of_query.ts";
import { progressOf } from "./progress.ts";

// Milliseconds between two looks at a query on the server.
const lookInterval = 500;

/** How long a server may be silent, in milliseconds. */
export interface Patience {
  /** A query that cannot be looked at for so long is taken for ended. @default ten minutes */
  lookMs: number;
  /** So long, `stop()` waits for the query's end. @default a minute */
  stopMs: number;
}

// As long as the client itself tries to reach a server.
const defaultPatience: Patience = { lookMs: 600_000, stopMs: stopTimeout };

type QueryCommand = Extract<
  CommandInit["commandType"],
  { case: "streamingQueryCommand" }
>["value"]["command"];

/**
 * A Structured Streaming query on the cluster. It runs there, and its handle looks at it twice a
 * second: `status`, `lastProgress` and `isActive` are what it has seen last. A look that fails because
 * the network or the server is away for a while says nothing of the query, and is repeated.
 */
export class SparkQuery implements EngineQuery {
  #recent: StreamingQueryProgress[] = [];
  #status: StreamingQueryStatus = {
    message: "Initializing StreamExecution",
    isDataAvailable: false,
    isTriggerActive: false,
  };
  #active = true;
  #error: Error | undefined;
  #stopped: Error | undefined;
  /** The processing that `isDataAvailable` has asked for, until it has told of its end. */
  #settling: Promise<void> | undefined;
  /** Ends the looks at a query whose server does not answer. */
  readonly #abandoned = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(
    private readonly client: SparkClient,
    readonly id: string,
    readonly runId: string,
    readonly name: string,
    private readonly transform: Transform,
    private readonly patience: Patience,
  ) {
    this.#ended = this.#watch();
  }

  /** Starts a query with a command of Spark's. */
  static async start(
    client: SparkClient,
    command: CommandInit,
    name: string,
    transform: Transform,
    patience = defaultPatience,
  ): Promise<SparkQuery> {
    for await (const { responseType } of client.command(command)) {
      if (responseType.case !== "writeStreamOperationStartResult") continue;
      const { id, runId } = responseType.value.queryId!;
      return new SparkQuery(client, id, runId, name, transform, patience);
    }
    throw new BirdsongError(`${client.server} has not started ${name}, and does not say why`);
  }

  get isActive(): boolean {
    return this.#active;
  }

  /** What the query was doing when it was looked at last. */
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

  /** Progress of this run's batches, oldest first. */
  get recentProgress(): readonly StreamingQueryProgress[] {
    return this.#recent;
  }

  /**
   * Waits for the query's end.
   *
   * @returns Whether it has ended.
   * @throws The error that ended it.
   */
  async awaitTermination(timeoutMs?: number): Promise<boolean> {
    await waitAtMost(this.#ended, timeoutMs);
    if (this.#error) throw this.#error;
    return !this.#active;
  }

  /** Waits until everything that is at the source now is processed and committed. */
  async processAllAvailable(): Promise<void> {
    await this.#command({ case: "processAllAvailable", value: true });
    await this.#look();
  }

  /**
   * Whether there is data that no committed batch has taken. Spark's status tells only what the last
   * trigger has found; so this asks for all that is there to be processed, and answers within half a
   * second. Once it is, the next answer is `false`, and the one after that asks anew.
   */
  async isDataAvailable(): Promise<boolean> {
    if (!this.#active) return false;
    if (!this.#settling) {
      this.#settling = this.processAllAvailable();
      // Its error is the query's, which `exception` has.
      this.#settling.catch(() => {});
    }
    const settled = this.#settling.then(() => true);
    if (!await Promise.race([settled, sleep(lookInterval, false)])) return true;
    this.#settling = undefined;
    return false;
  }

  /**
   * Ends the query and waits for it.
   *
   * @throws {BirdsongError} where the server does not say within a minute that it has ended. The handle
   * takes it for ended then.
   */
  async stop(reason?: Error): Promise<void> {
    if (!this.#active) return;
    this.#stopped = reason;
    const { client: { server }, name, patience: { stopMs: timeoutMs } } = this;
    const told = this.#command({ case: "stop", value: true });
    try {
      await endOfQuery(told.then(() => this.#ended), { name, server, timeoutMs });
    } catch (error) {
      this.#end(error as Error);
      this.#abandoned.abort(error);
      // It fails with the same error.
      told.catch(() => {});
      throw error;
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#abandoned;
    let seen = Date.now();
    try {
      for (let runs = true; runs; await sleep(lookInterval, undefined, { signal })) {
        try {
          runs = await this.#look();
          seen = Date.now();
        } catch (error) {
          const passing = error instanceof BirdsongError && error.retriable;
          if (!passing || Date.now() - seen >= this.patience.lookMs) throw error;
        }
      }
      this.#end(await this.#exception() ?? this.#stopped);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #end(error: Error | undefined): void {
    if (!this.#active) return;
    this.#active = false;
    this.#error = error;
    const message = error ? `Terminated with exception: ${error.message}` : "Stopped";
    this.#status = { message, isDataAvailable: false, isTriggerActive: false };
  }

  /** Looks at the query; returns whether it runs. */
  async #look(): Promise<boolean> {
    const status = await this.#command({ case: "status", value: true });
    // After the status: of a query that has ended, all progress is there.
    const recent = await this.#command({ case: "recentProgress", value: true });
    if (recent?.case === "recentProgress") {
      this.#recent = recent.value.recentProgressJson
        .map((json) => progressOf(json, this.transform)).filter((progress) =>
          progress !== undefined
        );
    }
    if (status?.case !== "status") return false;
    const { statusMessage, isDataAvailable, isTriggerActive, isActive } = status.value;
    if (isActive) this.#status = { message: statusMessage, isDataAvailable, isTriggerActive };
    return isActive;
  }

  async #exception(): Promise<Error | undefined> {
    const result = await this.#command({ case: "exception", value: true });
    if (result?.case !== "exception") return undefined;
    const { exceptionMessage, errorClass, stackTrace = "" } = result.value;
    if (!exceptionMessage) return undefined;
    return new BirdsongError(`${this.name} failed: ${explain(exceptionMessage, stackTrace)}`, {
      context: {
        query: this.name,
        server: this.client.server,
        ...(errorClass ? { errorClass } : {}),
      },
    });
  }

  async #command(command: QueryCommand) {
    const { id, runId } = this;
    const responses = this.client.command({
      commandType: {
        case: "streamingQueryCommand",
        value: { queryId: { id, runId }, command },
      },
    }, { signal: this.#abandoned.signal });
    for await (const { responseType } of responses) {
      if (responseType.case === "streamingQueryCommandResult") {
        return responseType.value.resultType;
      }
    }
  }
}

/** Spark's message without the query's plan, and the reason underneath. */
function explain(message: string, stackTrace: string): string {
  const [summary] = message.replace(/^[\w.$]+Exception: /, "").split("\n=== Streaming Query ===");
  const causes = [...stackTrace.matchAll(/^Caused by: (?:[\w.$]+: )?(.+)$/gm)];
  const cause = causes.at(-1)?.[1];
  return !cause || summary.includes(cause) ? summary : `${summary}\n${cause}`;
}
