import { Lakehouse } from "../lib/lakehouse/lakehouse.ts";
import { type Row, toJson, type Value } from "../lib/lakehouse/row.ts";
import { BirdsongError, messageOf } from "../lib/errors.ts";
import { main, UsageError } from "./command/command.ts";
import { lakeArgument } from "./command/lake_argument.ts";
import { formatTable, printable } from "./command/table.ts";

await main({
  name: "sql",
  positionals: '"select ..."',
  summary:
    "Asks the tables bronze, silver, gold and application in DuckDB's SQL, read-only, also\n" +
    "while streams write. An earlier version of a table is: bronze AT (VERSION => 7)",
  options: {
    lake: { value: "DIR", help: "folder of the tables (BIRDSONG_LAKE)" },
    json: { help: "print an array of rows as JSON; timestamps in ISO 8601, UTC" },
  },
  async run({ options, switches, positionals }) {
    const [query, ...more] = positionals;
    if (!query || more.length > 0) throw new UsageError('give one query: "select ..."');
    const folder = lakeArgument("sql", options.lake);
    const lake = await Lakehouse.open(folder, { readOnly: true });
    try {
      const rows = await lake.sql(query);
      console.log(switches.has("json") ? toJson(rows) : rowsAsTable(rows));
    } catch (error) {
      // DuckDB quotes values that it cannot convert.
      const message = messageOf(error).split("\n").map(printable).join("\n");
      throw new BirdsongError(message, { cause: error });
    } finally {
      lake.close();
    }
  },
});

function rowsAsTable(rows: Row[]): string {
  if (rows.length === 0) return "no rows";
  const columns = Object.keys(rows[0]);
  return formatTable(
    columns.map(printable),
    rows.map((row) => columns.map((column) => cellText(row[column]))),
  );
}

function cellText(value: Value): string {
  if (value === null) return "NULL";
  if (value instanceof Date) return value.toISOString();
  return printable(typeof value === "object" ? toJson(value) : String(value));
}
