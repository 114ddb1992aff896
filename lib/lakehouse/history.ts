import type { Lakehouse } from "./lakehouse.ts";
import { literal } from "./sql_text.ts";

/**
 * The lake's version in which a table's rows changed last; so `AT (VERSION => n)` gives it as it is
 * now. Compaction moves rows without changing them, and does not count.
 */
export async function tableVersion(lake: Lakehouse, table: string): Promise<number> {
  const [row] = await lake.sql(
    `WITH changed AS (
       SELECT snapshot_id, unnest(map_entries(changes), recursive := true)
       FROM lake.snapshots())
     SELECT max(snapshot_id) AS version FROM changed
     WHERE (list_contains(value, ${literal(`main.${table}`)}) AND key = 'tables_created')
       OR (key IN ('tables_inserted_into', 'tables_deleted_from', 'inlined_insert',
             'inlined_delete', 'tables_altered')
           AND list_contains(value, (
             SELECT table_id::VARCHAR FROM ducklake_table_info('lake')
             WHERE table_name = ${literal(table)} LIMIT 1)))`,
  );
  return row.version ?? await lake.currentVersion();
}
