import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scorer, ScorerDescription } from "../../lib/sentiment/scorer.ts";
import { type Label, labels } from "../../lib/sentiment/sentiment.ts";
import type { Session } from "../../lib/streaming/session.ts";
import type { EngineQuery } from "../../lib/streaming/engine.ts";
import { type PipelineOptions, startTier, tiers } from "../../lib/tweets/pipeline.ts";

/** A tweet as the source's JSON holds it. */
export interface Tweet {
  date: string;
  user: string;
  text: string;
  sentiment: string;
}

/** A tweet of which only the given fields matter. */
export function tweet(fields: Partial<Tweet>): Tweet {
  const date = "Mon Apr 06 22:19:45 PDT 2009";
  return { date, user: "someone", text: "hello", sentiment: "positive", ...fields };
}

/** Writes tweets into files of the source, a few in each; returns them by `tweet_id`. */
export function writeTweets(
  source: string,
  tweets: readonly Tweet[],
  perFile = 4,
  prefix = "tweets",
): Map<string, Tweet> {
  const byId = new Map<string, Tweet>();
  for (let start = 0; start < tweets.length; start += perFile) {
    const file = `${prefix}-${String(start).padStart(6, "0")}.json`;
    const part = tweets.slice(start, start + perFile);
    writeFileSync(join(source, file), part.map((tweet) => `${JSON.stringify(tweet)}\n`).join(""));
    part.forEach((tweet, index) => byId.set(`${file}#${index + 1}`, tweet));
  }
  return byId;
}

/** The class that the fake scorer gives a text: it depends on nothing but the text. */
export function fakeLabel(text: string): Label {
  return labels[(text.match(/[aeiou]/gi) ?? []).length % 3];
}

/** What the fake scorer says that it runs on. */
export const fakeDescription: Partial<ScorerDescription> = {
  model: "models:/O'Neill/3",
  provider: "cpu",
  modelFile: "/some/folder/onnx/model_int8.onnx",
  sha256: "0123456789abcdef",
};

/** Stands in for the model where it does not matter what it thinks; keeps the texts of each call. */
export function fakeScorer(): { scorer: Scorer; calls: string[][] } {
  const calls: string[][] = [];
  const score: Scorer["score"] = (texts, options) => {
    options?.signal?.throwIfAborted();
    calls.push([...texts]);
    options?.onProgress?.(texts.length, texts.length);
    return Promise.resolve(texts.map((text) => {
      const label = fakeLabel(text);
      return {
        label,
        score: 0.75,
        negative: 0.125,
        neutral: 0.125,
        positive: 0.125,
        [label]: 0.75,
      };
    }));
  };
  const describe = () => fakeDescription as ScorerDescription;
  return { scorer: { score, describe } as Scorer, calls };
}

/** Runs the tiers up to `last`, each to its end; returns their queries. */
export async function runTiers(
  session: Session,
  source: string,
  last: typeof tiers[number],
  options: Partial<PipelineOptions> = {},
): Promise<Record<string, EngineQuery>> {
  const { scorer } = fakeScorer();
  const queries: Record<string, EngineQuery> = {};
  for (const tier of tiers.slice(0, tiers.indexOf(last) + 1)) {
    queries[tier] = await startTier[tier]({ session, source, scorer, ...options });
    await queries[tier].awaitTermination();
  }
  return queries;
}
