import { toJson } from "../lib/lakehouse/row.ts";
import { tableVersion } from "../lib/lakehouse/history.ts";
import { parameters } from "../lib/settings.ts";
import { openScorer } from "../lib/sentiment/open_scorer.ts";
import { Session } from "../lib/streaming/session.ts";
import type { StreamingQueryProgress } from "../lib/streaming/progress.ts";
import { startTier, tiers } from "../lib/tweets/pipeline.ts";
import { integerArgument, main, pathArgument } from "./command.ts";

/** What one stream did in this run. */
interface StreamSummary {
  name: string;
  batches: number;
  numInputRows: number;
  numOutputRows: number;
  seconds: number;
}

await main({
  name: "pipeline",
  summary:
    "Takes all new tweets from a folder of JSON files through bronze, silver and gold to the\n" +
    "application table, and ends. What an earlier run has taken is not taken again.",
  options: {
    source: { value: "DIR", help: "folder with the tweets' JSON files (BIRDSONG_SOURCE)" },
    lake: { value: "DIR", help: "folder of the tables, made if there is none (BIRDSONG_LAKE)" },
    "max-files-per-trigger": { value: "N", help: "files in one batch of bronze (20000)" },
    model: { value: "DIR", help: "model folder in Hugging Face layout (BIRDSONG_MODEL)" },
    provider: { value: "NAME", help: "auto, cuda, webgpu or cpu (BIRDSONG_PROVIDER)" },
    json: { help: "print the summary as JSON" },
  },
  async run({ options, switches }) {
    const defaults = parameters();
    const settings = {
      source: options.source ? pathArgument(options.source) : defaults.source,
      lake: options.lake ? pathArgument(options.lake) : defaults.lake,
      model: options.model ? pathArgument(options.model) : defaults.model,
      provider: (options.provider ?? defaults.provider) as typeof defaults.provider,
      maxFilesPerTrigger: options["max-files-per-trigger"]
        ? integerArgument("max-files-per-trigger", options["max-files-per-trigger"])
        : defaults.maxFilesPerTrigger,
      maxRowsPerTrigger: defaults.maxRowsPerTrigger,
    };
    const session = await Session.open(settings.lake);
    const scorer = await openScorer({ ...settings, log: console.error });
    process.once("SIGINT", () => void session.streams.stopAll(new Error("interrupted")));
    const streams: StreamSummary[] = [];
    for (const tier of tiers) {
      streams.push(await runTier(tier, session, { ...settings, session, scorer }));
    }
    const tables: Record<string, { rows: number; version: number }> = {};
    for (const tier of tiers) {
      tables[tier] = {
        rows: await session.lake.count(tier),
        version: await tableVersion(session.lake, tier),
      };
    }
    await scorer.close();
    await session.close();
    if (switches.has("json")) console.log(toJson({ streams, tables }));
    else {
      console.table(streams);
      console.table(tables);
    }
  },
});

async function runTier(
  tier: typeof tiers[number],
  session: Session,
  options: Parameters<typeof startTier[typeof tier]>[0],
): Promise<StreamSummary> {
  const start = performance.now();
  const summary = { name: `${tier}_stream`, batches: 0, numInputRows: 0, numOutputRows: 0 };
  const remove = session.streams.addListener({
    onQueryProgress(progress: StreamingQueryProgress) {
      summary.batches++;
      summary.numInputRows += progress.numInputRows;
      summary.numOutputRows += progress.sink.numOutputRows;
    },
  });
  const query = await startTier[tier](options);
  await query.awaitTermination();
  remove();
  const seconds = Math.round(performance.now() - start) / 1000;
  console.error(`${summary.name}: ${summary.numInputRows} rows in, ${seconds} s`);
  return { ...summary, seconds };
}
