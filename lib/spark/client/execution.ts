import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { BirdsongError } from "../../errors.ts";
import type { Channel } from "./channel.ts";
import { isServiceError } from "./connect_error.ts";
import {
  type ExecutePlanRequestSchema,
  type ExecutePlanResponse,
  InterruptRequest_InterruptType,
  type ReleaseExecuteRequestSchema,
} from "./generated/spark/connect/base_pb.ts";
import { methods } from "./methods.ts";
import { RetryAtOnce, retrying, type RetryPolicy } from "./retry.ts";

// Milliseconds between two requests to interrupt the same execution.
const interruptInterval = 500;

/** What every request of a session says about it. */
export interface RequestHeader {
  sessionId: string;
  userContext: { userId: string };
  clientType: string;
  /**
   * What the server called the session in its first answer. A server that was restarted would make a
   * new session of the same id, without configuration, database and views; with this, it refuses.
   */
  clientObservedServerSideSessionId?: string;
}

/** What an execution needs. */
export interface ExecutionOptions {
  channel: Channel;
  policy: RetryPolicy;
  header: RequestHeader;
  plan: MessageInitShape<typeof ExecutePlanRequestSchema>["plan"];
  /** Asks the server to stop the execution. */
  signal?: AbortSignal;
}

/**
 * The responses to a plan, over as many connections as it takes.
 *
 * The server keeps the responses that the client has not released. Where a connection breaks, or
 * ends without `resultComplete`, the client attaches again behind the last response it has. Where
 * the server has never heard of the operation, the plan had not reached it, and is sent again.
 * This is what Spark's own clients do (`ExecutePlanResponseReattachableIterator`).
 */
export async function* execute(options: ExecutionOptions): AsyncGenerator<ExecutePlanResponse> {
  const execution = new Execution(options);
  const { signal } = options;
  const interrupt = () => void execution.interrupt();
  signal?.throwIfAborted();
  signal?.addEventListener("abort", interrupt);
  try {
    for (let response = await execution.next(); response; response = await execution.next()) {
      yield response;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    execution.release();
  }
}

class Execution {
  readonly #id = randomUUID();
  #responses: AsyncGenerator<ExecutePlanResponse> | undefined;
  #started = false;
  #lastResponseId: string | undefined;
  #complete = false;
  #released = false;

  constructor(private readonly options: ExecutionOptions) {}

  /** The next response; undefined where there are no more. */
  async next(): Promise<ExecutePlanResponse | undefined> {
    if (this.#complete) return undefined;
    const { policy, signal } = this.options;
    const response = await retrying(policy, () => this.#read(), signal);
    this.#lastResponseId = response.responseId;
    if (response.responseType.case === "resultComplete") this.#complete = true;
    else this.#send({ case: "releaseUntil", value: { responseId: response.responseId } });
    return response;
  }

  /** Tells the server that nothing of this execution is wanted any more. */
  release(): void {
    this.#released = true;
    this.#responses?.return(undefined).catch(() => {});
    this.#send({ case: "releaseAll", value: {} });
  }

  /** Asks until the execution has ended: the server forgets what it is asked before it begins. */
  async interrupt(): Promise<void> {
    const { channel, header } = this.options;
    while (!this.#released) {
      await channel.unary(methods.interrupt, {
        ...header,
        interruptType: InterruptRequest_InterruptType.OPERATION_ID,
        interrupt: { case: "operationId", value: this.#id },
      }).catch(() => {}); // The server may be gone, and the execution with it.
      await sleep(interruptInterval);
    }
  }

  /** One response, of a new connection where the last one has ended or broken. */
  async #read(): Promise<ExecutePlanResponse> {
    this.#responses ??= this.#started ? this.#reattach() : this.#start();
    try {
      const { done, value } = await this.#responses.next();
      if (!done) return value;
    } catch (error) {
      this.#responses = undefined;
      throw this.#explain(error);
    }
    // An end without resultComplete: the server wants the client to attach again, every two minutes of
    // a long execution. That is no failure, and not counted as a retry.
    this.#responses = undefined;
    return await this.#read();
  }

  #start(): AsyncGenerator<ExecutePlanResponse> {
    const { channel, header, plan } = this.options;
    this.#started = true;
    return channel.stream(methods.executePlan, {
      ...header,
      plan,
      operationId: this.#id,
      requestOptions: [
        { requestOption: { case: "reattachOptions", value: { reattachable: true } } },
      ],
    });
  }

  #reattach(): AsyncGenerator<ExecutePlanResponse> {
    const { channel, header } = this.options;
    const lastResponseId = this.#lastResponseId;
    return channel.stream(methods.reattachExecute, {
      ...header,
      operationId: this.#id,
      lastResponseId,
    });
  }

  #explain(error: unknown): unknown {
    const unknownToServer = isServiceError(error) &&
      /INVALID_HANDLE\.(OPERATION|SESSION)_NOT_FOUND/.test(error.details);
    if (!unknownToServer) return error;
    if (this.#lastResponseId === undefined) {
      this.#started = false;
      return new RetryAtOnce();
    }
    return new BirdsongError(
      "the Spark Connect server was restarted in the middle of a query, whose result is lost: run " +
        "it again",
      { cause: error, retriable: true },
    );
  }

  /** Released in passing: a release that fails costs the server memory for some minutes. */
  #send(release: MessageInitShape<typeof ReleaseExecuteRequestSchema>["release"]): void {
    const { channel, header } = this.options;
    channel.unary(methods.releaseExecute, { ...header, operationId: this.#id, release })
      .catch(() => {});
  }
}
