/** Facts about an error, for programs: the file, the setting, the stream it concerns. */
export type ErrorContext = Record<string, string | number | boolean | null>;

/** What can be told about an error besides its message. */
export interface BirdsongErrorOptions {
  /** The error underneath. */
  cause?: unknown;
  /** Whether the same call may succeed later (a lock, a busy port). @default false */
  retriable?: boolean;
  /** The file, setting or stream concerned, as data. */
  context?: ErrorContext;
}

/**
 * The one error class of the library. Its message is for a person: what went wrong, where (file,
 * setting, stream), and what to do about it.
 */
export class BirdsongError extends Error {
  override name = "BirdsongError";
  readonly retriable: boolean;
  readonly context: ErrorContext;

  constructor(message: string, options: BirdsongErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retriable = options.retriable ?? false;
    this.context = options.context ?? {};
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
