import { type DataType, tableFromIPC, Type, util, type Vector } from "apache-arrow";
import { type Row, toRow, type Value } from "../../lakehouse/row.ts";

/**
 * The rows of an Arrow IPC stream, with the same JavaScript values that DuckDB's rows have here:
 * timestamps and dates are `Date`s, decimals numbers, lists arrays, structs objects, maps arrays of
 * `{ key, value }`; a BIGINT is a number where that is exact.
 */
export function arrowRows(ipc: Uint8Array): Row[] {
  const table = tableFromIPC(ipc);
  const rows: Row[] = Array.from({ length: table.numRows }, () => ({}));
  for (const [index, field] of table.schema.fields.entries()) {
    const column = table.getChildAt(index)!;
    rows.forEach((row, i) => row[field.name] = valueOf(column.get(i), field.type));
  }
  return rows.map(toRow);
}

function valueOf(value: Value, type: DataType): Value {
  if (value === null) return null;
  switch (type.typeId) {
    case Type.Timestamp:
    case Type.Date:
      // Milliseconds since 1970, whatever the unit on the wire.
      return new Date(value);
    case Type.Decimal:
      return decimal(value, (type as DataType & { scale: number }).scale);
    case Type.List:
      return listOf(value, type.children[0].type);
    case Type.Struct:
      return structOf(value, type);
    case Type.Map:
      return mapOf(value, type);
    default:
      return value;
  }
}

function listOf(values: Vector, type: DataType): Value[] {
  return Array.from({ length: values.length }, (_, i) => valueOf(values.get(i), type));
}

function structOf(value: Record<string, Value>, type: DataType): Row {
  return Object.fromEntries(
    type.children.map((field) => [field.name, valueOf(value[field.name], field.type)]),
  );
}

/** Entries in their order, as DuckDB gives them. */
function mapOf(value: Iterable<[Value, Value]>, type: DataType): Row[] {
  const [keyField, valueField] = type.children[0].type.children;
  return Array.from(value, ([key, entry]) => ({
    key: valueOf(key, keyField.type),
    value: valueOf(entry, valueField.type),
  }));
}

function decimal(value: Uint32Array, scale: number): number {
  return Number(util.bigNumToBigInt(util.BN.decimal(value))) / 10 ** scale;
}
