import { randomUUID } from "node:crypto";
import type { Settings } from "../settings.ts";
import type { Session } from "../streaming/session.ts";

/** A run of the notebooks, from 00 to where it has come. */
export interface RunRecord {
  id: string;
  startedAt: Date;
  settings: Settings;
  sections: {
    section: string;
    startedAt: Date;
    /** Null while the section runs, or when it has failed. */
    seconds: number | null;
  }[];
}

/** Begins a run: what `elapsedTime` and the sections' seconds are counted from. */
export async function startRun(session: Session, settings: Settings): Promise<void> {
  await createTables(session);
  await write(
    session,
    "start run",
    (connection) =>
      connection.run("INSERT INTO runs.runs VALUES ($id, now(), $settings)", {
        id: randomUUID(),
        settings: JSON.stringify(settings),
      }),
  );
}

/**
 * Begins a section of the run. Call `end()` in the section's last cell.
 *
 * @param name Such as `03_raw_to_bronze`.
 */
export async function startSection(
  session: Session,
  name: string,
): Promise<{ end(): Promise<void> }> {
  await createTables(session);
  const id = randomUUID();
  await write(session, `start ${name}`, (connection) =>
    connection.run(
      `INSERT INTO runs.sections
       VALUES ($id, (SELECT id FROM runs.runs ORDER BY started_at DESC LIMIT 1), $name, now(), NULL)`,
      { id, name },
    ));
  return {
    end: () =>
      write(
        session,
        `end ${name}`,
        (connection) =>
          connection.run("UPDATE runs.sections SET ended_at = now() WHERE id = $id", { id }),
      ),
  };
}

/** The newest run; undefined where 00_run_me_first has not been run on this lake. */
export async function lastRun(session: Session): Promise<RunRecord | undefined> {
  await createTables(session);
  const [run] = await session.sql("FROM runs.runs ORDER BY started_at DESC LIMIT 1");
  if (!run) return undefined;
  // A section that was run again counts as it was the last time.
  const sections = await session.sql(
    `SELECT name AS section, started_at AS "startedAt",
       epoch_ms(ended_at - started_at) / 1000 AS seconds
     FROM runs.sections WHERE run_id = $id
     QUALIFY row_number() OVER (PARTITION BY name ORDER BY started_at DESC) = 1
     ORDER BY name`,
    { id: run.id },
  );
  return {
    id: run.id,
    startedAt: run.started_at,
    settings: JSON.parse(run.settings),
    sections: sections as RunRecord["sections"],
  };
}

type Connection = Awaited<ReturnType<Session["lake"]["connect"]>>;

async function createTables(session: Session): Promise<void> {
  const [found] = await session.sql(
    `SELECT count(*) AS tables FROM duckdb_tables()
     WHERE database_name = 'lake' AND schema_name = 'runs'`,
  );
  if (found.tables === 2) return;
  await write(session, "create the record of runs", async (connection) => {
    await connection.run("CREATE SCHEMA IF NOT EXISTS runs");
    await connection.run(
      "CREATE TABLE IF NOT EXISTS runs.runs (id VARCHAR, started_at TIMESTAMPTZ, settings VARCHAR)",
    );
    await connection.run(
      `CREATE TABLE IF NOT EXISTS runs.sections (
         id VARCHAR, run_id VARCHAR, name VARCHAR, started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ)`,
    );
  });
}

async function write(
  session: Session,
  message: string,
  action: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  const connection = await session.lake.connect();
  try {
    await session.lake.create(
      connection,
      message,
      async (connection) => void await action(connection),
    );
  } finally {
    connection.close();
  }
}
