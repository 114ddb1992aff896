/**
 * Where DuckLake's own tables are: the name under which DuckLake attaches the catalog of the
 * database `lake`. See https://ducklake.select/docs/stable/specification/tables/overview for them.
 */
export const catalog = "__ducklake_metadata_lake";
