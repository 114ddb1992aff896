import { inspect } from "node:util";
import { properties } from "./properties.ts";
import { isRow, table, tableIn } from "./table.ts";
import { printable } from "./escape.ts";

/** One representation per MIME type, such as `text/html` and, always, `text/plain`. */
export type MimeBundle = Record<string, unknown>;

/** What knows its own representations: figures and tables are such things. */
export interface Displayable {
  mimeBundle(): MimeBundle | Promise<MimeBundle>;
}

/**
 * The representations of anything: of a {@linkcode Displayable} its own; a string as it is; an array
 * of row objects, a danfojs DataFrame and a plain object as a table; the rest as Node would print it.
 */
export async function mimeBundleOf(thing: unknown): Promise<MimeBundle> {
  if (isDisplayable(thing)) return await thing.mimeBundle();
  if (typeof thing === "string") return { "text/plain": linesOf(thing) };
  const rows = tableIn(thing);
  if (rows) return table(rows).mimeBundle();
  const text = { "text/plain": linesOf(inspect(thing, { depth: 4 })) };
  return isRow(thing) ? { ...properties(thing), ...text } : text;
}

function isDisplayable(thing: unknown): thing is Displayable {
  return typeof (thing as Displayable | null)?.mimeBundle === "function";
}

// A front end obeys terminal escapes in plain text; line breaks and tabs are all that is kept.
function linesOf(text: string): string {
  return text.split(/\r?\n/).map((line) => line.split("\t").map(printable).join("\t")).join("\n");
}
