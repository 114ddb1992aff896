/**
 * Where DuckLake's own tables are: the name under which DuckLake attaches the catalog of the
 * database `lake`. See https://ducklake.select/docs/stable/specification/tables/overview for them.
 */
export const catalog = "__ducklake_metadata_lake";

/** SQL for a table's name in the catalog's tables: with its schema, unless that is `main`. */
export const qualifiedName =
  "CASE WHEN schema_name = 'main' THEN '' ELSE schema_name || '.' END || table_name";
