import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import process from "node:process";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Row } from "../../lakehouse/row.ts";
import { arrowRows } from "./arrow_rows.ts";
import { Channel } from "./channel.ts";
import { connectError, errorDetails, isServiceError } from "./connect_error.ts";
import { type Connection, parseConnectionString, serverName } from "./connection_string.ts";
import { execute, type RequestHeader } from "./execution.ts";
import type { ExecutePlanResponse, PlanSchema } from "./generated/spark/connect/base_pb.ts";
import { methods } from "./methods.ts";
import { type CommandInit, type RelationInit, sqlRelation } from "./plans.ts";
import { defaultRetryPolicy, retrying, type RetryPolicy } from "./retry.ts";

/** Options of {@linkcode SparkClient.connect}. */
export interface SparkClientOptions {
  /** @default the policy of Spark's own clients, which waits ten minutes for a server */
  policy?: RetryPolicy;
  /** Where a token is looked for that the address does not name. @default process.env */
  environment?: Readonly<Record<string, string | undefined>>;
}

/** Options of one call. */
export interface CallOptions {
  /** Stops the call on the server, too; the signal's reason is thrown. */
  signal?: AbortSignal;
}

/**
 * A session on a Spark Connect server: SQL in, rows out, and the few commands that streams need. No
 * DataFrame API; what this class does not name can be said in SQL.
 *
 * @example
 * const client = await SparkClient.connect("sc://localhost:15002");
 * await client.sql("SELECT 41 + 1 AS answer"); // [{ answer: 42 }]
 * await client.close();
 */
export class SparkClient {
  readonly #channel: Channel;
  readonly #header: RequestHeader;
  readonly #policy: RetryPolicy;
  /** The server, without token: `sc://host:15002`. */
  readonly server: string;

  private constructor(connection: Connection, policy: RetryPolicy) {
    this.server = serverName(connection);
    this.#channel = new Channel(connection);
    this.#policy = policy;
    this.#header = {
      sessionId: connection.sessionId ?? randomUUID(),
      userContext: { userId: connection.userId ?? userInfo().username },
      clientType: connection.userAgent ?? "birdsong",
    };
  }

  /**
   * Opens a session.
   *
   * @param address A connection string; see {@linkcode parseConnectionString}.
   * @throws {BirdsongError} where it does not parse, or no server answers.
   */
  static async connect(address: string, options: SparkClientOptions = {}): Promise<SparkClient> {
    const { policy = defaultRetryPolicy, environment = process.env } = options;
    const client = new SparkClient(parseConnectionString(address, environment), policy);
    try {
      // Not tried again for ten minutes: a wrong address is more likely than a server that starts.
      await client.#config({ case: "get", value: { keys: ["spark.sql.session.timeZone"] } }, {
        ...policy,
        maxRetries: Math.min(policy.maxRetries, 2),
      });
      return client;
    } catch (error) {
      client.#channel.close();
      throw error;
    }
  }

  /** The session's id, a UUID. */
  get sessionId(): string {
    return this.#header.sessionId;
  }

  /** Runs SQL and reads its rows; a statement without a result gives none. */
  async sql(query: string, options: CallOptions = {}): Promise<Row[]> {
    // As a command: a statement such as MERGE or CREATE has run by then, and its result is kept.
    const command: CommandInit = {
      commandType: { case: "sqlCommand", value: { input: sqlRelation(query) } },
    };
    for await (const { responseType } of this.command(command, options)) {
      if (responseType.case !== "sqlCommandResult") continue;
      return await this.rows(responseType.value.relation!, options);
    }
    return [];
  }

  /** The rows of a relation. */
  async rows(relation: RelationInit, options: CallOptions = {}): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const { responseType } of this.#run({ case: "root", value: relation }, options)) {
      if (responseType.case !== "arrowBatch") continue;
      // One by one: a server may put more rows into a batch than a call takes arguments.
      for (const row of arrowRows(responseType.value.data)) rows.push(row);
    }
    return rows;
  }

  /** Runs a command and gives the server's responses. */
  command(command: CommandInit, options: CallOptions = {}): AsyncGenerator<ExecutePlanResponse> {
    return this.#run({ case: "command", value: command }, options);
  }

  /** Sets configuration of this session. */
  async setConfig(values: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(values).map(([key, value]) => ({ key, value }));
    await this.#config({ case: "set", value: { pairs } });
  }

  /** A configuration value; undefined where it is not set. */
  async getConfig(key: string): Promise<string | undefined> {
    const [pair] = await this.#config({ case: "getOption", value: { keys: [key] } });
    return pair?.value;
  }

  /** Ends the session on the server, and the connection. Its streaming queries end, too. */
  async close(): Promise<void> {
    try {
      await this.#channel.unary(methods.releaseSession, this.#header, {
        deadline: Date.now() + 5000,
      });
    } catch {
      // A server that is gone has forgotten the session already.
    } finally {
      this.#channel.close();
    }
  }

  async *#run(
    opType: MessageInitShape<typeof PlanSchema>["opType"],
    { signal }: CallOptions,
  ): AsyncGenerator<ExecutePlanResponse> {
    try {
      yield* execute({
        channel: this.#channel,
        policy: this.#policy,
        header: this.#header,
        plan: { opType },
        signal,
      });
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  async #config(
    opType: { case: "get" | "getOption"; value: { keys: string[] } } | {
      case: "set";
      value: { pairs: { key: string; value: string }[] };
    },
    policy = this.#policy,
  ): Promise<{ key: string; value?: string }[]> {
    const request = { ...this.#header, operation: { opType } };
    const response = await this.#call(() => this.#channel.unary(methods.config, request), policy);
    this.#header.clientObservedServerSideSessionId ??= response.serverSideSessionId || undefined;
    return response.pairs;
  }

  async #call<T>(action: () => Promise<T>, policy = this.#policy): Promise<T> {
    try {
      return await retrying(policy, action);
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /** With Spark's whole message, which does not fit into the trailers of a call. */
  async #explain(error: unknown): Promise<Error> {
    if (!isServiceError(error)) return connectError(error, this.server);
    const { errorId } = errorDetails(error);
    if (errorId === undefined) return connectError(error, this.server);
    const details = await this.#channel.unary(methods.fetchErrorDetails, {
      ...this.#header,
      errorId,
    }).catch(() => undefined);
    const root = details?.errors[details.rootErrorIdx ?? 0];
    return connectError(error, this.server, root?.message);
  }
}
