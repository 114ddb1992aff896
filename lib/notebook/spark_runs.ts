import { randomUUID } from "node:crypto";
import type { Settings } from "../settings.ts";
import { appendRows, type OwnTable } from "../spark/append_rows.ts";
import type { SparkSession } from "../spark/spark_session.ts";
import type { RunRecord, Runs } from "./run_record.ts";

const table: OwnTable = {
  name: "birdsong_runs",
  columns: "event STRING, id STRING, name STRING, settings STRING, at TIMESTAMP",
};

/** The runs in a Delta table. Its rows are events, because an append is the cheapest commit. */
export class SparkRuns implements Runs {
  constructor(private readonly session: SparkSession) {}

  async start(settings: Settings): Promise<void> {
    await this.#append({ event: "run", id: randomUUID(), settings: JSON.stringify(settings) });
  }

  async startSection(name: string): Promise<() => Promise<void>> {
    const id = randomUUID();
    await this.#append({ event: "begin", id, name });
    return () => this.#append({ event: "end", id });
  }

  async last(): Promise<RunRecord | undefined> {
    if (!await this.session.tableExists(table.name)) return undefined;
    const events = await this.session.sql(`SELECT * FROM ${table.name} ORDER BY at`);
    const run = events.findLast(({ event }) => event === "run");
    if (!run) return undefined;
    const sections = new Map<string, RunRecord["sections"][number]>();
    // A section that was run again counts as it was the last time.
    for (const { event, id, name, at } of events.slice(events.indexOf(run))) {
      if (event !== "begin") continue;
      const end = events.find((other) => other.event === "end" && other.id === id);
      const seconds = end ? (end.at.getTime() - at.getTime()) / 1000 : null;
      sections.set(name, { section: name, startedAt: at, seconds });
    }
    return {
      id: run.id,
      startedAt: run.at,
      settings: JSON.parse(run.settings),
      sections: [...sections.values()].sort((left, right) => left.section < right.section ? -1 : 1),
    };
  }

  async #append(
    { event, id, name = null, settings = null }: {
      event: "run" | "begin" | "end";
      id: string;
      name?: string | null;
      settings?: string | null;
    },
  ): Promise<void> {
    const row = { event, id, name, settings, at: new Date() };
    await appendRows(this.session, table, "($event, $id, $name, $settings, $at)", row);
  }
}
