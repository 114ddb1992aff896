import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zoneOffsets } from "../../lib/tweets/zones.ts";

/** Lines of all kinds: what an engine may take for something else than the other one does. */
function lines(): string[] {
  const tweets: unknown[] = [
    ...[...Object.keys(zoneOffsets), "+0000", "-0930", "+0545", "XYZ", ""].map((zone, index) => ({
      date: `Mon Apr 06 22:19:${String(index % 60).padStart(2, "0")} ${zone} 2009`,
      user: `user_${index}`,
      text: `@Ann_${index % 5} the weather in ${zone} is ${index % 2 ? "lovely" : "awful"} today`,
      sentiment:
        ["positive", "neutral", "negative", "0", "2", "4", "NEGATIVE ", "other"][index % 8],
    })),
    ...[
      "Tue Feb 29 10:00:00 UTC 2009",
      "Tue Feb 29 10:00:00 UTC 2012",
      "Tue Apr  7 10:00:60 UTC 2009",
      "Tue apr 7 24:00:00 UTC 2009",
      "  Tue DEC 31 23:59:59 PST 1999\t",
      "Tue Foo 07 10:00:00 UTC 2009",
      "2009-04-07 10:00:00",
      "",
      null,
    ].map((date) => ({ date, user: null, text: "a date", sentiment: null })),
    ...[
      "@ann @Bob @ANN (@cy@Dee) me@home.org @",
      "<script>alert('1')</script> \"quoted\" 'single' \\ back\\\\slash \\t",
      "tab\there\nnewline\r\nreturn\u0000nul\u2028separator\u000bvertical\f",
      "\t @ann  trimmed \v",
      "é 😀 \u202e العربية 日本語 \ufeff",
      "$name :name ${x} %s \\N NULL",
      "x".repeat(10_000),
      "",
      "   ",
    ].map((text) => ({ text, sentiment: "positive" })),
    { text: "a number for a class", sentiment: 4 },
    { text: "more", date: { a: [1, 2.50, 12345678901234567890] }, extra: "\ud83d", user: true },
    { text: 7, "odd name\t'\"": null },
    {},
  ];
  return [
    ...tweets.map((tweet) => JSON.stringify(tweet)),
    ...["no json", '{"text": "cut o', "[1, 2]", "7", "", "   ", '{"text":"a","text":"b"}', "null"],
    String.raw`{"text":"half a pair \ud83d here","id":9007199254740993,"x":1.0}`,
  ];
}

/** Writes the source's files of one of two rounds, with the lines dealt out among them. */
export function writeInput(source: string, round: 0 | 1): void {
  const files = 12;
  const all = lines();
  for (let file = round; file < files; file += 2) {
    const part = all.filter((_, index) => index % files === file);
    writeFileSync(
      join(source, `tweets-${String(file).padStart(2, "0")}.json`),
      part.join("\n") + "\n",
    );
  }
  if (round === 0) {
    writeFileSync(
      join(source, "an array's file.json"),
      '[{"text":"first"},\n 7,\n {"text":"@third"}]',
    );
    writeFileSync(join(source, "packed.json.gz"), gzipSync('{"text":"packed @well"}\n'));
    writeFileSync(join(source, "_hidden.json"), '{"text":"not yet there"}\n');
    writeFileSync(join(source, "bytes.json"), Uint8Array.from([0x7b, 0xff, 0x7d, 0x0a]));
  }
}
