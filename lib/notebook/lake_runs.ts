import { randomUUID } from "node:crypto";
import type { Connection } from "../lakehouse/connection.ts";
import type { Settings } from "../settings.ts";
import type { Session } from "../streaming/session.ts";
import type { RunRecord, Runs } from "./run_record.ts";

/** The runs in the lake: `runs.runs` and `runs.sections`. */
export class LakeRuns implements Runs {
  constructor(private readonly session: Session) {}

  async start(settings: Settings): Promise<void> {
    await this.#createTables();
    await this.#write(
      "start run",
      (connection) =>
        connection.run("INSERT INTO runs.runs VALUES ($id, now(), $settings)", {
          id: randomUUID(),
          settings: JSON.stringify(settings),
        }),
    );
  }

  async startSection(name: string): Promise<() => Promise<void>> {
    await this.#createTables();
    const id = randomUUID();
    await this.#write(`start ${name}`, (connection) =>
      connection.run(
        `INSERT INTO runs.sections
         VALUES ($id, (SELECT id FROM runs.runs ORDER BY started_at DESC LIMIT 1), $name, now(), NULL)`,
        { id, name },
      ));
    return () =>
      this.#write(
        `end ${name}`,
        (connection) =>
          connection.run("UPDATE runs.sections SET ended_at = now() WHERE id = $id", { id }),
      );
  }

  async last(): Promise<RunRecord | undefined> {
    await this.#createTables();
    const [run] = await this.session.sql("FROM runs.runs ORDER BY started_at DESC LIMIT 1");
    if (!run) return undefined;
    // A section that was run again counts as it was the last time.
    const sections = await this.session.sql(
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

  async #createTables(): Promise<void> {
    if (await this.session.lake.tableExists("sections", "runs")) return;
    await this.#write("create the record of runs", async (connection) => {
      await connection.run("CREATE SCHEMA IF NOT EXISTS runs");
      await connection.run(
        `CREATE TABLE IF NOT EXISTS runs.runs
           (id VARCHAR, started_at TIMESTAMPTZ, settings VARCHAR)`,
      );
      await connection.run(
        `CREATE TABLE IF NOT EXISTS runs.sections (
           id VARCHAR, run_id VARCHAR, name VARCHAR, started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ)`,
      );
    });
  }

  async #write(
    message: string,
    action: (connection: Connection) => Promise<unknown>,
  ): Promise<void> {
    await this.session.lake.transaction({ author: "birdsong", message }, action);
  }
}
