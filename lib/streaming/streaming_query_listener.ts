import type { StreamingQueryProgress } from "./progress.ts";

/** A query has been started. */
export interface QueryStartedEvent {
  id: string;
  runId: string;
  name: string;
  /** When, ISO 8601 in UTC. */
  timestamp: string;
}

/** A query has found nothing new for ten seconds, or for ten more. */
export interface QueryIdleEvent {
  id: string;
  runId: string;
  /** When it looked last, ISO 8601 in UTC. */
  timestamp: string;
}

/** A query has ended. */
export interface QueryTerminatedEvent {
  id: string;
  runId: string;
  name: string;
  /** The error that ended it; undefined where it ended well. */
  exception: Error | undefined;
}

/**
 * Is told what the queries of this process do. The query goes on when its methods return: they
 * should be quick. What they throw is printed, and does the query no harm.
 */
export interface StreamingQueryListener {
  /** Called before the writer's `toTable` or `foreachBatch` gives the query. */
  onQueryStarted?(event: QueryStartedEvent): void;
  /** Called when a batch is committed. Spark wraps the progress in an event; here it is the event. */
  onQueryProgress?(progress: StreamingQueryProgress): void;
  onQueryIdle?(event: QueryIdleEvent): void;
  onQueryTerminated?(event: QueryTerminatedEvent): void;
}

/** Tells each listener of an event. A listener's mistake must not end the stream it listens to. */
export function tellListeners(
  listeners: Iterable<StreamingQueryListener>,
  event: (listener: StreamingQueryListener) => unknown,
): void {
  const failed = (error: unknown) => console.error("a streaming query listener failed:", error);
  for (const listener of listeners) {
    try {
      Promise.resolve(event(listener)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
