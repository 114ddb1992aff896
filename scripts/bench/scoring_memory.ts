/**
 * Watches the memory of a scorer over many batches of generated tweets, all different, and of scorers
 * that are opened and closed again.
 *
 *     deno run -A scripts/bench/scoring_memory.ts --batches 1000
 */
import process from "node:process";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { parameters } from "../../lib/settings.ts";
import { generateTweets } from "../../lib/tweets/sample/generate.ts";
import { integerArgument, main, pathArgument } from "../command/command.ts";
import { formatTable } from "../command/table.ts";

const columns = 10;

await main({
  name: "bench/scoring_memory",
  summary: "Prints the resident memory of a scorer as batches go by.",
  options: {
    batches: { value: "N", help: "batches (1000)" },
    texts: { value: "N", help: "texts of a batch (20)" },
    model: { value: "DIR", help: "model folder (BIRDSONG_MODEL)" },
    reopen: { value: "N", help: "scorers to open and close afterwards (10)" },
  },
  async run({ options }) {
    const batches = integerArgument("batches", options.batches ?? "1000", columns);
    const texts = integerArgument("texts", options.texts ?? "20");
    const model = options.model ? pathArgument(options.model) : parameters().model;
    const open = () => openScorer({ model, provider: "cpu" });

    const tweets = generateTweets({ count: batches * texts });
    const rows = [["before", megabytes()]];
    const scorer = await open();
    for (let batch = 1; batch <= batches; batch++) {
      const some = Array.from({ length: texts }, () => tweets.next().value!.text);
      await scorer.score(some.map((text, i) => `${text} ${batch}-${i}`));
      if (batch % Math.floor(batches / columns) === 0) rows.push([`${batch} batches`, megabytes()]);
    }
    await scorer.close();
    rows.push(["closed", megabytes()]);
    const times = integerArgument("reopen", options.reopen ?? "10");
    for (let time = 1; time <= times; time++) {
      const another = await open();
      await another.score(["what a day"]);
      await another.close();
    }
    rows.push([`${times} more, closed`, megabytes()]);
    console.log(formatTable(["", "MB"], rows));
  },
});

function megabytes(): string {
  return (process.memoryUsage().rss / 1e6).toFixed(0);
}
