import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { errorDetails, isServiceError } from "./connect_error.ts";

/** How often, and after which pauses, a call is tried again. */
export interface RetryPolicy {
  maxRetries: number;
  /** Milliseconds before the first retry. */
  initialBackoff: number;
  /** The longest pause between two tries, in milliseconds. */
  maxBackoff: number;
  backoffMultiplier: number;
  /** A random part of at most so many milliseconds is added to pauses from `minJitterThreshold` on. */
  jitter: number;
  minJitterThreshold: number;
}

/**
 * The policy of Spark's own clients, which tolerates an outage of ten minutes. Source: `DefaultPolicy`
 * in `pyspark/sql/connect/client/retries.py`.
 */
export const defaultRetryPolicy: RetryPolicy = {
  maxRetries: 15,
  initialBackoff: 50,
  maxBackoff: 60_000,
  backoffMultiplier: 4,
  jitter: 500,
  minJitterThreshold: 2000,
};

const maxServerDelay = 10 * 60_000;

/** Thrown by a call to be tried again at once. */
export class RetryAtOnce extends Error {}

/** Whether Spark's clients would try again after this error. */
function isRetriable(error: unknown): boolean {
  if (error instanceof RetryAtOnce) return true;
  if (!isServiceError(error)) return false;
  if (error.code === status.UNAVAILABLE) return true;
  // Another call of this client has taken over the stream of responses.
  const disconnected = error.code === status.INTERNAL &&
    error.details.includes("INVALID_CURSOR.DISCONNECTED");
  return disconnected || errorDetails(error).retryDelayMs !== undefined;
}

/** The pause before retry number `retry` (from 0), in milliseconds. */
export function backoffOf(policy: RetryPolicy, retry: number, random = Math.random()): number {
  const { initialBackoff, backoffMultiplier, maxBackoff, jitter, minJitterThreshold } = policy;
  const pause = Math.min(maxBackoff, initialBackoff * backoffMultiplier ** retry);
  return pause >= minJitterThreshold ? pause + random * jitter : pause;
}

/**
 * Calls `action` until it succeeds, as {@linkcode RetryPolicy} says.
 *
 * @param signal Ends the pauses; the reason is thrown.
 * @throws The last error, where none of the tries succeeded or the error is no passing one.
 */
export async function retrying<T>(
  policy: RetryPolicy,
  action: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let retry = 0;; retry++) {
    try {
      return await action();
    } catch (error) {
      if (!isRetriable(error) || retry >= policy.maxRetries) throw error;
      signal?.throwIfAborted();
      if (error instanceof RetryAtOnce) continue;
      const asked = isServiceError(error) ? errorDetails(error).retryDelayMs ?? 0 : 0;
      const pause = Math.max(backoffOf(policy, retry), Math.min(asked, maxServerDelay));
      await sleep(pause, undefined, { signal });
    }
  }
}
