// What the pipeline must make of tweets, computed in another way: no regular expression, no SQL, no
// line of the pipeline's own code.
import { fakeLabel, type Tweet } from "./tiers.ts";

const isWord = (char: string | undefined) =>
  char !== undefined &&
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".includes(char);

/** A text's mentions, in lower case and once each, and the text without them. */
export function expectedText(text: string): { mentions: string[]; cleaned: string } {
  const mentions: string[] = [];
  let cleaned = "";
  for (let i = 0; i < text.length;) {
    if (text[i] !== "@" || !isWord(text[i + 1]) || isWord(text[i - 1])) {
      cleaned += text[i++];
      continue;
    }
    while (text[i] === "@" && isWord(text[i + 1])) {
      let end = i + 1;
      while (isWord(text[end])) end++;
      const name = text.slice(i + 1, end).toLowerCase();
      if (!mentions.includes(name)) mentions.push(name);
      i = end;
    }
  }
  while (cleaned !== "" && " \t\n\v\f\r".includes(cleaned[0])) cleaned = cleaned.slice(1);
  while (cleaned !== "" && " \t\n\v\f\r".includes(cleaned.at(-1)!)) cleaned = cleaned.slice(0, -1);
  return { mentions, cleaned };
}

const zones: Record<string, string> = {
  ...{ PDT: "-0700", PST: "-0800", MDT: "-0600", MST: "-0700", CDT: "-0500", CST: "-0600" },
  ...{ EDT: "-0400", EST: "-0500", GMT: "+0000", UTC: "+0000", BST: "+0100", CET: "+0100" },
  ...{ CEST: "+0200", JST: "+0900" },
};

/** A date's instant; null where the date is none, or its zone is unknown. */
export function expectedInstant(date: string): Date | null {
  const parts = date.split(" ");
  if (parts.length !== 6) return null;
  const [, month, day, time, zone, year] = parts;
  const offset = zones[zone];
  const local = new Date(`${month} ${day} ${year} ${time} GMT+0000`);
  if (offset === undefined || Number.isNaN(local.getTime())) return null;
  // JavaScript makes March 2 of February 30.
  if (local.getUTCDate() !== Number(day)) return null;
  return new Date(`${month} ${day} ${year} ${time} GMT${offset}`);
}

const words: Record<string, string> = { 0: "negative", 2: "neutral", 4: "positive" };
const ids: Record<string, number | null> = { negative: 0, neutral: null, positive: 1 };

/** The rows of gold, with the classes of the fake scorer. */
export function expectedGold(tweets: Map<string, Tweet>): Record<string, unknown>[] {
  return [...tweets].flatMap(([tweet_id, { date, text, sentiment }]) => {
    const { mentions, cleaned } = expectedText(text);
    const word = words[sentiment] ?? sentiment;
    const predicted = fakeLabel(cleaned);
    return (mentions.length === 0 ? [null] : mentions).map((mention) => ({
      timestamp: expectedInstant(date),
      mention,
      cleaned_text: cleaned,
      text,
      sentiment: word,
      tweet_id,
      predicted_score: 75,
      predicted_sentiment: predicted,
      sentiment_id: ids[word],
      predicted_sentiment_id: ids[predicted],
    }));
  });
}

/** The rows of application, in the order of their mentions. */
export function expectedApplication(gold: Record<string, unknown>[]): Record<string, unknown>[] {
  const rows = new Map<string, Record<string, unknown> & { times: number[] }>();
  for (const { mention, predicted_sentiment, timestamp } of gold) {
    if (mention === null) continue;
    let row = rows.get(mention as string);
    if (!row) {
      rows.set(mention as string, row = { negative: 0, neutral: 0, positive: 0, times: [] });
    }
    (row[predicted_sentiment as string] as number)++;
    if (timestamp !== null) row.times.push((timestamp as Date).getTime());
  }
  return [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([mention, { times, ...counts }]) => ({
    mention,
    ...counts,
    total: (counts.negative as number) + (counts.neutral as number) + (counts.positive as number),
    min_timestamp: times.length === 0 ? null : new Date(Math.min(...times)),
    max_timestamp: times.length === 0 ? null : new Date(Math.max(...times)),
  }));
}

/** Rows in an order of their own, so that two sets of rows can be compared. */
export function sorted(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const key = (row: Record<string, unknown>) => `${row.tweet_id} ${row.mention}`;
  return rows.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
}
