import type { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { commitSql } from "./with_lake.ts";

/** A table `t` of four small files, two rows of it still in the catalog, and a deleted row. */
export async function fillTable(lake: Lakehouse): Promise<void> {
  await lake.createTable("t", { n: "BIGINT" });
  for (let commit = 0; commit < 4; commit++) {
    await commitSql(lake, `INSERT INTO t SELECT range + ${100 * commit} FROM range(60)`);
  }
  await commitSql(lake, "INSERT INTO t VALUES (1000), (1001)");
  await commitSql(lake, "DELETE FROM t WHERE n < 100 AND n <> 7");
}

/** Its rows with the numbers that DuckLake gives them. */
export const numbered = (lake: Lakehouse) => lake.sql("SELECT rowid, n FROM t ORDER BY rowid");
