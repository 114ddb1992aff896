import { join } from "node:path";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

/** One tweet's row of gold; only these columns matter here. */
export interface GoldRow {
  mention: string | null;
  text: string;
}

/** Rows that nothing is wrong with: everybody is mentioned equally often, texts are short. */
export function evenRows(count: number): GoldRow[] {
  return Array.from({ length: count }, (_, i) => ({
    mention: `person${i % Math.ceil(count / 3)}`,
    text: `tweet ${i} is ${["short", "rather short", "not long"][i % 3]}`,
  }));
}

/** Runs a test on a lake whose gold table holds these rows, in so many files. */
export async function withGold(
  rows: GoldRow[],
  files: number,
  test: (lake: Lakehouse, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const lake = await Lakehouse.open(join(folder, "lake"));
    try {
      await fill(lake, rows, files);
      await test(lake, join(folder, "lake"));
    } finally {
      lake.close();
    }
  });
}

async function fill(lake: Lakehouse, rows: GoldRow[], files: number): Promise<void> {
  const connection = await lake.connect();
  const perFile = Math.ceil(rows.length / files);
  await lake.commit(connection, { author: "test", message: "fill" }, async () => {
    await connection.run("CREATE TABLE bronze AS SELECT 'raw' AS text FROM range(100)");
    await connection.run("CREATE TABLE silver AS SELECT 'clean' AS text FROM range(100)");
    await connection.run(
      `CREATE TABLE gold ("timestamp" TIMESTAMPTZ, mention VARCHAR, cleaned_text VARCHAR,
         predicted_sentiment VARCHAR)`,
    );
    for (let start = 0; start < rows.length; start += perFile) {
      await connection.run(
        `INSERT INTO gold SELECT '2009-04-07 05:19:45Z', r.mention, r.text, 'neutral' FROM (
           SELECT unnest(from_json($rows, '[{"mention":"VARCHAR","text":"VARCHAR"}]')) AS r)`,
        { rows: JSON.stringify(rows.slice(start, start + perFile)) },
      );
    }
    await connection.run(
      "CREATE TABLE application AS SELECT mention, count(*) AS total FROM gold GROUP BY mention",
    );
  });
  connection.close();
}
