import type { Lakehouse } from "./lakehouse.ts";
import { identifier } from "./sql_text.ts";

/** What a version of a table holds. */
export interface Fingerprint {
  /** The columns with DuckDB's types, in order. */
  columns: { name: string; type: string }[];
  rows: number;
  /** 8 hexadecimal digits, the same for the same rows in any order, in any lake. */
  digest: string;
}

/** Columns, number of rows and digest of a version of a table. */
export async function fingerprint(
  lake: Lakehouse,
  table: string,
  version: number,
): Promise<Fingerprint> {
  const relation = `${identifier(table)} AT (VERSION => ${version})`;
  const columns = await lake.sql<Fingerprint["columns"][number]>(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE FROM ${relation})`,
  );
  const [{ rows, digest }] = await lake.sql<Pick<Fingerprint, "rows" | "digest">>(
    // A sum, because rows have no order; rows that are there twice would cancel out in bit_xor.
    `SELECT count(*) AS rows,
       md5(coalesce(sum(md5_number_lower(${identifier(table)}::VARCHAR)), 0)::VARCHAR)[:8] AS digest
     FROM ${relation}`,
  );
  return { columns, rows, digest };
}
