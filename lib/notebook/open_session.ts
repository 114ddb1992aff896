import { Session } from "../streaming/session.ts";
import { InterruptedError, onInterrupt } from "./interrupt.ts";

const opened = new Map<string, Promise<Session>>();

/**
 * The session of a lake, one per kernel: the cell may run again. The stop button ends the session's
 * queries; what they have committed stays.
 *
 * @param folder The lake's folder, such as `settings.lake`.
 */
export function openSession(folder: string): Promise<Session> {
  let session = opened.get(folder);
  if (!session) {
    session = open(folder);
    opened.set(folder, session);
    // A cell that failed may run again, too.
    session.catch(() => opened.delete(folder));
  }
  return session;
}

async function open(folder: string): Promise<Session> {
  const session = await Session.open(folder);
  onInterrupt(() => void session.streams.stopAll(new InterruptedError()));
  return session;
}
