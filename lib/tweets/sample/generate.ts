import { BirdsongError } from "../../errors.ts";
import { randomAuthor, type SampleSentiment } from "./accounts.ts";
import { randomDate } from "./dates.ts";
import { Random } from "./random.ts";
import { rates } from "./rates.ts";
import { randomText } from "./texts.ts";

/** A tweet as the source's JSON files hold it. */
export interface SampleTweet {
  /** Such as `Mon Apr 06 22:19:45 PDT 2009`. */
  date: string;
  user: string;
  text: string;
  /** `negative`, `neutral`, `positive`, or `0`, `2`, `4`. */
  sentiment: string;
}

/** How many tweets, and which. */
export interface GenerateOptions {
  count: number;
  /** A whole number below 2^32; the same seed gives the same tweets. @default 1 */
  seed?: number;
}

const sentiments = ["negative", "neutral", "positive"] as const;
const numberOf: Record<SampleSentiment, string> = { negative: "0", neutral: "2", positive: "4" };

/**
 * Generates plausible, labelled tweets of invented people about invented companies, one after the
 * other. Fewer tweets of the same seed are the first of more. What they contain, and how often, is
 * in {@linkcode rates}.
 *
 * @throws {BirdsongError} if the count or the seed is not a whole number in its range.
 */
export function* generateTweets(options: GenerateOptions): Generator<SampleTweet> {
  const { count, seed = 1 } = options;
  for (const [name, value] of Object.entries({ count, seed })) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
      throw new BirdsongError(
        `cannot generate tweets: ${name} must be a whole number from 0 to 2^32 - 1, but is ${value}`,
      );
    }
  }
  const random = new Random(seed);
  for (let i = 0; i < count; i++) yield randomTweet(random);
}

function randomTweet(random: Random): SampleTweet {
  const sentiment = random.choose(rates.sentiments);
  const meant = random.chance(rates.mislabelled)
    ? random.pick(sentiments.filter((other) => other !== sentiment))
    : sentiment;
  return {
    date: randomDate(random),
    user: randomAuthor(random),
    text: randomText(random, meant),
    sentiment: random.chance(rates.numberLabel) ? numberOf[sentiment] : sentiment,
  };
}
