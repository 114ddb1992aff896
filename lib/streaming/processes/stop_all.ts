import type { Session } from "../session.ts";
import { stopStreams } from "./stop_streams.ts";

/**
 * Stops all streams of the session's lake, in whatever process they run: see
 * {@linkcode stopStreams}.
 *
 * @returns The names of the streams that ran.
 */
export async function stopAllStreams(session: Session): Promise<string[]> {
  // Those of this session need not wait until they look for the request.
  const [stopped] = await Promise.all([
    stopStreams(session.lake.folder),
    session.streams.stopAll(),
  ]);
  return stopped;
}
