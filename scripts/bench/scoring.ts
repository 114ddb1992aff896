/**
 * Measures how much of ONNX Runtime's speed the gold stream keeps. In each round, one after the other:
 * bare ONNX Runtime on batches tokenized beforehand (the limit), `Scorer.score`, and the gold stream
 * from silver to gold; then the medians. Wall clock, and the processor time of the whole process,
 * which other programs of the machine disturb less.
 *
 *     deno run -A scripts/bench/scoring.ts --tweets 20000 --rounds 3
 */
import { availableParallelism, tmpdir } from "node:os";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { providers } from "../../lib/sentiment/providers.ts";
import type { Scorer } from "../../lib/sentiment/scorer.ts";
import { parameters } from "../../lib/settings.ts";
import { Session } from "../../lib/streaming/session.ts";
import { gold } from "../../lib/tweets/gold.ts";
import { startTier } from "../../lib/tweets/pipeline.ts";
import { generateTweets } from "../../lib/tweets/sample/generate.ts";
import { integerArgument, main, pathArgument } from "../command.ts";
import { formatTable } from "../table.ts";
import { BareLimit } from "./bare_limit.ts";

/** What a round of one way took, in seconds. */
interface Seconds {
  wall: number;
  processor: number;
}

await main({
  name: "bench/scoring",
  summary: "Compares the gold stream with bare ONNX Runtime on the CPU.",
  options: {
    tweets: { value: "N", help: "generated tweets (5000)" },
    rounds: { value: "N", help: "rounds, of which the medians count (3)" },
    model: { value: "DIR", help: "model folder (BIRDSONG_MODEL)" },
    workers: { value: "N", help: "threads (one per processor)" },
  },
  async run({ options }) {
    const count = integerArgument("tweets", options.tweets ?? "5000");
    const rounds = integerArgument("rounds", options.rounds ?? "3");
    const model = options.model ? pathArgument(options.model) : parameters().model;
    const workers = integerArgument("workers", options.workers ?? `${availableParallelism()}`);
    const folder = mkdtempSync(join(tmpdir(), "birdsong-bench-"));
    try {
      const scorer = await openScorer({ model, provider: "cpu", workers });
      const session = await silverOf(count, folder, scorer);
      const { modelFile, batches } = scorer.describe();
      const texts = (await session.sql<{ text: string }>(
        "SELECT DISTINCT cleaned_text AS text FROM silver WHERE cleaned_text <> ''",
      )).map(({ text }) => text);
      const limit = await BareLimit.open(model, relative(model, modelFile), texts, {
        workers,
        batchTokens: batches ? providers.cpu.batchTokens : 0,
      });
      const ways: Record<string, (round: number) => Promise<unknown>> = {
        "bare ONNX Runtime": () => limit.run(),
        "Scorer.score": () => scorer.score(texts),
        "gold stream": async (round) => {
          const query = await session.readStream.table("silver").transform(gold(scorer))
            .writeStream.queryName(`gold_${round}`).trigger({ availableNow: true })
            .toTable(`gold_${round}`);
          await query.awaitTermination();
        },
      };
      await scorer.score(texts.slice(0, 100)); // warm
      const taken: Record<string, Seconds[]> = {};
      for (let round = 0; round < rounds; round++) {
        for (const [way, run] of Object.entries(ways)) {
          (taken[way] ??= []).push(await timed(() => run(round)));
        }
      }
      await Promise.all([limit.close(), scorer.close(), session.close()]);
      console.log(`${texts.length} texts, ${workers} workers, batches: ${limit.batches}`);
      console.log(tableOf(taken, texts.length));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});

/** A lake with generated tweets in silver. */
async function silverOf(count: number, folder: string, scorer: Scorer): Promise<Session> {
  const lines = [...generateTweets({ count })].map((tweet) => JSON.stringify(tweet) + "\n");
  for (let start = 0; start < count; start += 1000) {
    writeFileSync(join(folder, `${start}.json`), lines.slice(start, start + 1000).join(""));
  }
  const session = await Session.open(join(folder, "lake"));
  for (const tier of ["bronze", "silver"] as const) {
    const query = await startTier[tier]({ ...parameters(), session, source: folder, scorer });
    await query.awaitTermination();
  }
  return session;
}

async function timed(run: () => Promise<unknown>): Promise<Seconds> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, processor: (user + system) / 1e6 };
}

function tableOf(taken: Record<string, Seconds[]>, texts: number): string {
  const limit = medians(Object.values(taken)[0]);
  const rows = Object.entries(taken).map(([way, seconds]) => {
    const { wall, processor } = medians(seconds);
    return [
      way,
      (texts / wall).toFixed(0),
      (limit.wall / wall).toFixed(2),
      ((1e3 * processor) / texts).toFixed(2),
      (limit.processor / processor).toFixed(2),
    ];
  });
  return formatTable(["", "texts/s", "of limit", "processor ms/text", "of limit"], rows);
}

function medians(seconds: Seconds[]): Seconds {
  const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  return {
    wall: median(seconds.map(({ wall }) => wall)),
    processor: median(seconds.map(({ processor }) => processor)),
  };
}
