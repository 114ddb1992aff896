import { setTimeout as delay } from "node:timers/promises";
import { BirdsongError, messageOf } from "../errors.ts";
import type { Hub } from "./hub.ts";

/** Pauses before the second and later attempts, in milliseconds. */
const pauses = [500, 1_000, 2_000, 4_000];
/** A hub that asks for a longer pause is not waited for. */
const longestPause = 60_000;
/** Without a byte for so long, in milliseconds, a connection counts as broken. */
const silence = 60_000;

/** One request to a hub. */
export interface HubRequest {
  /** Behind the hub's address, such as `/api/models/owner/name`. */
  path: string;
  /** What is asked for, for a person: `owner/name`, and the file where there is one. */
  what: string;
  headers?: () => Record<string, string>;
  /** Reads the answer; `alive` is to be called whenever a part of it has come. */
  read: (response: Response, alive: () => void) => Promise<void>;
  /** Attempts in all. @default 5 */
  attempts?: number;
}

/**
 * Sends a request, and again after a pause when the hub is busy (429, 5xx) or the connection breaks;
 * as long as the hub asks for with `Retry-After`.
 *
 * @throws {BirdsongError} with what to do when access is refused or there is no such thing;
 *   `retriable` when the hub cannot be reached.
 */
export async function requestFromHub(hub: Hub, options: HubRequest): Promise<void> {
  const { attempts = pauses.length + 1 } = options;
  for (let attempt = 0;; attempt++) {
    let pause = pauses[Math.min(attempt, pauses.length - 1)];
    let error: BirdsongError;
    try {
      const busy = await send(hub, options);
      if (busy === undefined) return;
      error = unreachable(hub, options.what, `it answered ${busy.status}`);
      pause = busy.retryAfter ?? pause;
    } catch (cause) {
      if (cause instanceof BirdsongError) throw cause;
      error = unreachable(hub, options.what, reasonOf(cause), cause);
    }
    if (attempt + 1 >= attempts || pause > longestPause) throw error;
    await delay(pause);
  }
}

/** Sends it once; returns how long to wait when the hub is busy. */
async function send(
  hub: Hub,
  { path, what, headers, read }: HubRequest,
): Promise<{ status: number; retryAfter?: number } | undefined> {
  const broken = new AbortController();
  const timer = setTimeout(() => broken.abort(new Error("no answer in time")), silence);
  try {
    const response = await fetch(hub.endpoint + path, {
      headers: {
        ...(hub.token === undefined ? {} : { authorization: `Bearer ${hub.token}` }),
        ...headers?.(),
      },
      signal: broken.signal,
    });
    if (response.ok) {
      await read(response, () => timer.refresh());
      return;
    }
    await response.body?.cancel();
    const { status } = response;
    if (status === 429 || status >= 500) {
      return { status, retryAfter: retryAfterOf(response.headers.get("retry-after")) };
    }
    throw refusal(hub, what, response);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds of a `Retry-After` header: seconds, or a date. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : 1000 * seconds;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

function refusal(hub: Hub, what: string, { status, headers }: Response): BirdsongError {
  const code = headers.get("x-error-code");
  const said = headers.get("x-error-message");
  const [reason, advice] = status === 403 || code === "GatedRepo"
    ? [
      "access has to be granted",
      `ask for it on the model's page at ${hub.endpoint}, then set HF_TOKEN`,
    ]
    : status === 401
    ? ["it is private, or there is no such model", "check the name, or set HF_TOKEN"]
    : status === 404
    ? ["there is no such model, revision or file", "check the name"]
    : [`it answered ${status}`, "see the message"];
  return new BirdsongError(
    `cannot load ${what} from ${hub.endpoint}: ${reason}${said ? ` ("${said}")` : ""}; ${advice}`,
    { context: { endpoint: hub.endpoint, what, status } },
  );
}

function unreachable(hub: Hub, what: string, reason: string, cause?: unknown): BirdsongError {
  return new BirdsongError(
    `cannot load ${what} from ${hub.endpoint}: ${reason}. Try again later, or give the folder of a ` +
      "model that is on this machine",
    { cause, retriable: true, context: { endpoint: hub.endpoint, what } },
  );
}

function reasonOf(thrown: unknown): string {
  // Node hides the reason behind "fetch failed".
  return messageOf((thrown as Error)?.cause ?? thrown);
}
