import { setTimeout as delay } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";
import { credentials } from "./credentials.ts";

/** One request to an MLflow server. */
export interface MlflowRequest {
  /** Path behind the server's address, such as `/api/2.0/mlflow/runs/create`. */
  path: string;
  /** @default "GET" */
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  bytes?: Uint8Array;
  /** Milliseconds to wait for the whole answer. @default 60000 */
  timeout?: number;
  signal?: AbortSignal;
}

/** Pauses before the second, third and fourth attempt, in milliseconds. */
const pauses = [250, 1_000, 3_000];

/**
 * Sends a request and returns the body of the answer. A server that is busy or restarting (no
 * connection, status 5xx) is asked up to four times.
 *
 * @throws {BirdsongError} with the server's message; `context` holds `status` and MLflow's
 * `error_code`, such as `RESOURCE_DOES_NOT_EXIST`.
 */
export async function request(uri: string, options: MlflowRequest): Promise<Uint8Array> {
  for (let attempt = 0;; attempt++) {
    options.signal?.throwIfAborted();
    let error: BirdsongError;
    try {
      const response = await send(uri, options);
      const body = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return body;
      error = refusal(uri, options, response.status, body);
    } catch (cause) {
      options.signal?.throwIfAborted();
      if (cause instanceof BirdsongError) throw cause; // nothing was sent
      error = noAnswer(uri, options, cause);
    }
    if (!error.retriable || attempt === pauses.length) throw error;
    await delay(pauses[attempt], undefined, { signal: options.signal });
  }
}

/**
 * Sends a request whose answer is JSON, in a shape that MLflow's documentation gives.
 *
 * @throws {BirdsongError} what {@linkcode request} throws, and where the answer is no JSON.
 */
// deno-lint-ignore no-explicit-any
export async function requestJson(uri: string, options: MlflowRequest): Promise<any> {
  const body = await request(uri, options);
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    const { path } = options;
    throw new BirdsongError(
      `what answers at ${uri} is no MLflow server: it has no JSON for ${path}. See ` +
        "MLFLOW_TRACKING_URI, or what stands between here and there, such as a page to sign in",
      { cause, context: { uri, path } },
    );
  }
}

/** MLflow's code of an error that {@linkcode request} threw, or null. */
export function errorCodeOf(thrown: unknown): string | null {
  const code = thrown instanceof BirdsongError ? thrown.context.error_code : undefined;
  return typeof code === "string" ? code : null;
}

function send(uri: string, options: MlflowRequest): Promise<Response> {
  const query = options.query ? `?${new URLSearchParams(options.query)}` : "";
  const timeout = AbortSignal.timeout(options.timeout ?? 60_000);
  return fetch(uri + options.path + query, {
    method: options.method ?? "GET",
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    headers: {
      ...credentials(),
      ...(options.json === undefined ? {} : { "content-type": "application/json" }),
    },
    body: options.json === undefined
      ? options.bytes as RequestInit["body"]
      : JSON.stringify(options.json),
  });
}

function refusal(
  uri: string,
  { path, method = "GET" }: MlflowRequest,
  status: number,
  body: Uint8Array,
): BirdsongError {
  const text = new TextDecoder().decode(body);
  let answer: { error_code?: string; message?: string; detail?: string };
  try {
    answer = JSON.parse(text) ?? {};
  } catch {
    answer = { message: text.trim().slice(0, 500) };
  }
  const message = answer.message ?? answer.detail ?? "no reason given";
  return new BirdsongError(`MLflow (${uri}) answered ${status} to ${method} ${path}: ${message}`, {
    retriable: status >= 500 && status !== 501,
    context: { uri, path, status, error_code: answer.error_code ?? null },
  });
}

function noAnswer(uri: string, { path }: MlflowRequest, cause: unknown): BirdsongError {
  const slow = (cause as Error).name === "TimeoutError";
  const reason = slow ? "no answer in time" : messageOf((cause as Error).cause ?? cause);
  return new BirdsongError(
    `the MLflow server at ${uri} does not answer (${reason}). See: deno task mlflow --status`,
    { cause, retriable: !slow, context: { uri, path } },
  );
}
