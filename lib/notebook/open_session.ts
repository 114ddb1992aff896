import { BirdsongError } from "../errors.ts";
import { parameters, type Settings } from "../settings.ts";
import { SparkSession } from "../spark/spark_session.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { Session } from "../streaming/session.ts";
import { InterruptedError, onInterrupt } from "./interrupt.ts";

/** The settings of where the tables of the embedded engine are. */
type LakeSettings = Pick<Settings, "lake" | "catalog" | "storage">;

const opened = new Map<string, Promise<EngineSession>>();

/**
 * The session of a lake, one per kernel: the cell may run again. The stop button ends the session's
 * queries; what they have committed stays.
 *
 * @param settings Its `engine` says whether DuckDB in this process or a Spark cluster does the work.
 */
export function openSession(settings: LakeSettings & Partial<Settings>): Promise<EngineSession> {
  const { engine = "embedded", sparkDatabase: database } = settings;
  if (engine === "embedded") return openLake(settings);
  return openOnce(`${engine} ${database}`, () => SparkSession.open(engine, { database }));
}

/**
 * The session of a lake of the embedded engine, for what only DuckDB and DuckLake have.
 *
 * @param lake The settings, or the lake's folder, such as `settings.lake`: then, the environment
 *   alone says where its catalog and its tables' files are.
 * @throws {BirdsongError} where the settings name a Spark cluster.
 */
export function openLake(lake: string | (LakeSettings & Partial<Settings>)): Promise<Session> {
  const settings = typeof lake === "string" ? { ...parameters(), lake, engine: "embedded" } : lake;
  const { engine = "embedded", catalog, storage } = settings;
  if (engine !== "embedded") {
    const error = new BirdsongError(
      `BIRDSONG_ENGINE is ${engine}, but this notebook runs on the embedded engine only: ` +
        "unset it, or take notebook 13_on_spark.",
      { context: { setting: "BIRDSONG_ENGINE" } },
    );
    // A notebook shows the stack; where this was called says nothing more than the sentence.
    error.stack = String(error);
    throw error;
  }
  return openOnce(settings.lake, () => Session.open(settings.lake, { catalog, storage }));
}

function openOnce<S extends EngineSession>(name: string, open: () => Promise<S>): Promise<S> {
  let session = opened.get(name) as Promise<S> | undefined;
  if (!session) {
    session = open();
    opened.set(name, session);
    session.then(
      (session) =>
        onInterrupt(() => {
          // What cannot be stopped ends with its own error.
          session.streams.stopAll(new InterruptedError()).catch(() => {});
        }),
      // A cell that failed may run again, too.
      () => opened.delete(name),
    );
  }
  return session;
}
