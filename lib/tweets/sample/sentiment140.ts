import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { BirdsongError, messageOf } from "../../errors.ts";
import type { SampleTweet } from "./generate.ts";

const columns = ["polarity", "id", "date", "query", "user", "text"];
const sentiments: Record<string, string> = { "0": "negative", "2": "neutral", "4": "positive" };

/**
 * Reads tweets from a CSV file in the layout of the Sentiment140 corpus: no header; polarity (0, 2
 * or 4), id, date, query, user, text; quoted as in RFC 4180. The file is streamed, and may be
 * UTF-8 or, like the original corpus, Latin-1.
 *
 * @throws {BirdsongError} that names the file and line, if a row does not have this form.
 */
export async function* readSentiment140(file: string): AsyncGenerator<SampleTweet> {
  for await (const { line, bytes } of records(file)) {
    try {
      const [polarity, , date, , user, text] = fieldsOf(decode(bytes));
      yield { date, user, text, sentiment: sentimentOf(polarity) };
    } catch (error) {
      throw new BirdsongError(`${file}, line ${line}: ${messageOf(error)}`, {
        cause: error,
        context: { file, line },
      });
    }
  }
}

function sentimentOf(polarity: string): string {
  if (Object.hasOwn(sentiments, polarity)) return sentiments[polarity];
  throw new Error(`the polarity must be 0, 2 or 4, but is "${polarity.slice(0, 40)}"`);
}

/** The fields of one record. */
function fieldsOf(record: string): string[] {
  const fields: string[] = [];
  // A field is quoted, with every quote in it doubled, or holds neither quotes nor commas.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;
  for (let separator = ","; separator !== "";) {
    const match = field.exec(record);
    if (match === null) throw new Error(`column ${fields.length + 1} is not quoted correctly`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]);
    separator = match[3];
  }
  if (fields.length !== columns.length) {
    throw new Error(
      `there are ${fields.length} columns instead of ${columns.length} (${columns.join(", ")})`,
    );
  }
  return fields;
}

const [newline, carriageReturn, quote] = ["\n", "\r", '"'].map((character) =>
  character.charCodeAt(0)
);

// In bytes; no row of tweets comes near it, but a file with a quote too few would, in one "row".
const longestRecord = 4_000_000;

/**
 * The records of a CSV file with the number of their first line. Quotes and line ends are the same
 * bytes in UTF-8 and Latin-1, so that a record is decoded only when it is whole.
 */
async function* records(file: string): AsyncGenerator<{ line: number; bytes: Uint8Array }> {
  let rest = new Uint8Array(0);
  let [line, first, quoted] = [1, 1, false];
  for await (const read of chunks(file)) {
    const chunk = rest.length === 0 ? read : Buffer.concat([rest, read]);
    let start = 0;
    for (let at = rest.length; at < chunk.length; at++) {
      if (chunk[at] === quote) quoted = !quoted;
      if (chunk[at] !== newline) continue;
      line++;
      if (quoted) continue;
      const end = chunk[at - 1] === carriageReturn ? at - 1 : at;
      if (end > start) yield { line: first, bytes: chunk.subarray(start, end) };
      [start, first] = [at + 1, line];
    }
    rest = chunk.slice(start);
    if (rest.length > longestRecord) {
      throw new BirdsongError(`${file}, line ${first}: a quote is not closed`, {
        context: { file, line: first },
      });
    }
  }
  if (rest.length > 0) yield { line: first, bytes: rest };
}

async function* chunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: 1 << 20 });
  } catch (error) {
    throw new BirdsongError(`cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
      context: { file },
    });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin1 = new TextDecoder("latin1");

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}
