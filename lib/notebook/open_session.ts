import { BirdsongError } from "../errors.ts";
import { parameters, type Settings } from "../settings.ts";
import { Session } from "../streaming/session.ts";
import { InterruptedError, onInterrupt } from "./interrupt.ts";

const opened = new Map<string, Promise<Session>>();

/**
 * The session of a lake, one per kernel: the cell may run again. The stop button ends the session's
 * queries; what they have committed stays.
 *
 * @param lake The settings, or the lake's folder, such as `settings.lake`: then, the environment
 *   alone says where its catalog and its tables' files are.
 */
export function openSession(
  lake: string | (Pick<Settings, "lake" | "catalog" | "storage"> & Partial<Settings>),
): Promise<Session> {
  const settings = typeof lake === "string" ? { ...parameters(), lake } : lake;
  if (settings.engine !== undefined && settings.engine !== "embedded") {
    throw new BirdsongError(
      `BIRDSONG_ENGINE is ${settings.engine}, but this notebook runs on the embedded engine only: ` +
        "unset it, or take notebook 13_on_spark or `deno task pipeline`.",
      { context: { setting: "BIRDSONG_ENGINE" } },
    );
  }
  let session = opened.get(settings.lake);
  if (!session) {
    session = open(settings);
    opened.set(settings.lake, session);
    // A cell that failed may run again, too.
    session.catch(() => opened.delete(settings.lake));
  }
  return session;
}

async function open(
  { lake, catalog, storage }: Pick<Settings, "lake" | "catalog" | "storage">,
): Promise<Session> {
  const session = await Session.open(lake, { catalog, storage });
  onInterrupt(() => void session.streams.stopAll(new InterruptedError()));
  return session;
}
