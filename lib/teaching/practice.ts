import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { identifier } from "../lakehouse/sql_text.ts";
import type { Row } from "../lakehouse/row.ts";
import { Session } from "../streaming/session.ts";
import { applicationSchema } from "../tweets/application.ts";
import { bronze } from "../tweets/bronze.ts";
import { goldSchema } from "../tweets/gold.ts";
import { silver } from "../tweets/silver.ts";

const schemas = {
  bronze: bronze.schema,
  silver: silver.schema,
  gold: goldSchema,
  application: applicationSchema,
};

/** What a practice lake begins with. */
export interface PracticeInput {
  /** Lines of the source's files, by name; what is no string is written as JSON. */
  files?: Record<string, readonly unknown[]>;
  /** Rows of the tiers' tables; a column that is left out is NULL. */
  tables?: Partial<Record<keyof typeof schemas, readonly Row[]>>;
}

/**
 * Does something on a lake of its own, which is gone afterwards: exercises that write, and checks
 * whose right answer has to be known, leave the pipeline's tables alone.
 *
 * @param use Gets the lake's session, and the folder of its source files.
 *
 * @example
 * const tables = { silver: [{ tweet_id: "a#1", mention: "ann" }] };
 * await practice({ tables }, async (session) => {
 *   await show(session.sql("FROM silver"));
 * });
 */
export async function practice<T>(
  input: PracticeInput,
  use: (session: Session, source: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "birdsong-practice-"));
  try {
    const source = join(folder, "tweets");
    mkdirSync(source);
    for (const [name, lines] of Object.entries(input.files ?? {})) writeLines(source, name, lines);
    const session = await Session.open(join(folder, "lake"));
    try {
      for (const [table, rows] of Object.entries(input.tables ?? {})) {
        await fill(session, table as keyof typeof schemas, rows);
      }
      return await use(session, source);
    } finally {
      await session.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeLines(source: string, name: string, lines: readonly unknown[]): void {
  const path = join(source, name);
  mkdirSync(dirname(path), { recursive: true });
  const text = (line: unknown) => typeof line === "string" ? line : JSON.stringify(line);
  writeFileSync(path, lines.map((line) => `${text(line)}\n`).join(""));
}

async function fill(
  session: Session,
  table: keyof typeof schemas,
  rows: readonly Row[],
): Promise<void> {
  const schema = schemas[table];
  await session.lake.createTable(table, schema);
  await session.sql(
    `INSERT INTO ${identifier(table)}
     SELECT row.* FROM (SELECT unnest(json_transform($rows, $structure)) AS row)`,
    { rows: JSON.stringify(rows), structure: JSON.stringify([schema]) },
  );
}
