import { DuckDBInstance, listValue } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { projectPath } from "../../lib/paths.ts";
import {
  cleanText,
  mentionPattern,
  mentionsOf,
  trimmedCharacters,
} from "../../lib/tweets/mentions.ts";

const sample = projectPath("../shared/data/sentiment140/sample-20k.csv");

// Every sentence with its mentions and what is left of it.
const examples: [string, string[], string][] = [
  ["@Ann hello", ["ann"], "hello"],
  ["hello @Ann, and @ann again", ["ann"], "hello , and  again"],
  ["(@nick@jonas) live!", ["nick", "jonas"], "() live!"],
  ["@b @a @b", ["b", "a"], ""],
  ["write to me@home.org", [], "write to me@home.org"],
  ["@a.b", ["a"], ".b"],
  ["@@ann", ["ann"], "@"],
  ["@ @ann@", ["ann"], "@ @"],
  ["x_@ann é@ann", ["ann"], "x_@ann é"],
  ["@ann\n@bob\t\v\f\r\n", ["ann", "bob"], ""],
  ["\u00a0@ann\u2003", ["ann"], "\u00a0\u2003"],
  ["😀@ann😀@bob", ["ann", "bob"], "😀😀"],
  ["$1 @ann \\1 $&", ["ann"], "$1  \\1 $&"],
  ["\u0000@ann\u0000", ["ann"], "\u0000\u0000"],
  ["@".repeat(1000) + "ann" + "@".repeat(1000), ["ann"], "@".repeat(1999)],
  ["@ann".repeat(25_000), ["ann"], ""],
  ["<script>'@ann\"</script>", ["ann"], "<script>'\"</script>"],
  ["@\u0130stanbul @\u212aelvin", [], "@\u0130stanbul @\u212aelvin"],
  ["", [], ""],
];

// What DuckDB makes of the texts with the same pattern: what is left, and the chains.
async function inDuckDB(texts: string[]): Promise<{ cleaned: string; mentions: string[] }[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = await connection.runAndReadAll(
    `select trim(regexp_replace(text, $pattern, '\\1', 'g'), $trimmed) as cleaned,
       regexp_extract_all(text, $pattern, 2) as chains
     from (select unnest($texts) as text, generate_subscripts($texts, 1) as position)
     order by position`,
    { pattern: mentionPattern, trimmed: trimmedCharacters, texts: listValue(texts) },
  );
  connection.closeSync();
  return rows.getRowObjectsJson().map(({ cleaned, chains }) => ({
    cleaned: cleaned as string,
    mentions: [
      ...new Set((chains as string[]).flatMap((chain) => chain.toLowerCase().split("@").slice(1))),
    ],
  }));
}

function inTypeScript(texts: string[]): { cleaned: string; mentions: string[] }[] {
  return texts.map((text) => ({ cleaned: cleanText(text), mentions: mentionsOf(text) }));
}

for (const [text, mentions, cleaned] of examples) {
  Deno.test(`the mentions of ${JSON.stringify(text.slice(0, 40))} are found and removed`, () => {
    assert.deepEqual(mentionsOf(text), mentions);
    assert.equal(cleanText(text), cleaned);
  });
}

Deno.test("no mention is left in a cleaned text, whatever characters surround it", () => {
  const parts = ["@", "a", "_", " ", "-", "é", "😀", "\n", "@b", "."];
  let seed = 1;
  for (let i = 0; i < 20_000; i++) {
    let text = "";
    for (let length = 0; length < 8; length++) {
      seed = (seed * 48271) % 2147483647;
      text += parts[seed % parts.length];
    }
    const cleaned = cleanText(text);
    assert.deepEqual(mentionsOf(cleaned), [], JSON.stringify(text));
  }
});

Deno.test("DuckDB cleans hostile texts as TypeScript does", async () => {
  const texts = examples.map(([text]) => text);
  assert.deepEqual(await inDuckDB(texts), inTypeScript(texts));
});

Deno.test({
  name: "DuckDB cleans 20,000 real tweets as TypeScript does",
  ignore: !existsSync(sample),
  fn: async () => {
    const texts = readFileSync(sample, "utf8").split("\n").filter((line) => line !== "")
      .map((line) => line.split('","').slice(5).join('","').replace(/"\r?$/, ""));
    assert.equal(texts.length, 20_000);
    const expected = inTypeScript(texts).map((row) => JSON.stringify(row));
    const found = (await inDuckDB(texts)).map((row) => JSON.stringify(row));
    assert.equal(found.length, expected.length);
    // Compared by number: a difference of two long lists would take minutes to print.
    const different = expected.flatMap((row, i) => row === found[i] ? [] : [i]);
    assert.deepEqual(different, []);
  },
});
