import { BirdsongError } from "../lib/errors.ts";
import { toJson } from "../lib/lakehouse/row.ts";
import { tableVersion } from "../lib/lakehouse/history.ts";
import { scoringProgress } from "../lib/notebook/scoring_progress.ts";
import { streamProgress } from "../lib/notebook/stream_progress.ts";
import { parameters } from "../lib/settings.ts";
import { checkSourceFolder } from "../lib/streaming/sources/listing.ts";
import { Session } from "../lib/streaming/session.ts";
import type { StreamingQueryProgress } from "../lib/streaming/progress.ts";
import { startTier, tiers } from "../lib/tweets/pipeline.ts";
import { runOnSpark } from "./pipeline/on_spark.ts";
import { integerArgument, main, pathArgument } from "./command.ts";
import { modelOptions, modelSettings, openModelScorer } from "./model_scorer.ts";
import { formatTable } from "./table.ts";

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
    ...modelOptions,
    json: { help: "print the summary as JSON" },
  },
  async run({ options, switches }) {
    const defaults = parameters();
    const settings = {
      ...modelSettings(defaults, options),
      source: options.source ? pathArgument(options.source) : defaults.source,
      lake: options.lake ? pathArgument(options.lake) : defaults.lake,
      maxFilesPerTrigger: options["max-files-per-trigger"]
        ? integerArgument("max-files-per-trigger", options["max-files-per-trigger"])
        : defaults.maxFilesPerTrigger,
    };
    checkSourceFolder(settings.source);
    if (settings.engine !== "embedded") return await runOnSpark(settings, switches.has("json"));
    const { lake, catalog, storage } = settings;
    const session = await Session.open(lake, { catalog, storage });
    const scorer = await openModelScorer(settings, console.error);
    let interrupted: Error | undefined;
    process.once("SIGINT", () => {
      interrupted = new BirdsongError(
        "interrupted; what was committed stays, and the next run goes on from there",
      );
      void session.streams.stopAll(interrupted);
    });
    const streams: StreamSummary[] = [];
    for (const tier of tiers) {
      if (interrupted) throw interrupted;
      const onScoring = scoringProgress();
      streams.push(await runTier(tier, session, { ...settings, session, scorer, onScoring }));
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
    else printSummary(streams, tables);
  },
});

function printSummary(
  streams: StreamSummary[],
  tables: Record<string, { rows: number; version: number }>,
): void {
  const header = ["stream", "batches", "rows in", "rows out", "seconds"];
  console.log(formatTable(header, streams.map((stream) => Object.values(stream).map(String))));
  console.log();
  const rows = Object.entries(tables).map(([table, { rows, version }]) =>
    [table, rows, version].map(String)
  );
  console.log(formatTable(["table", "rows", "version"], rows));
}

async function runTier(
  tier: typeof tiers[number],
  session: Session,
  options: Parameters<typeof startTier[typeof tier]>[0],
): Promise<StreamSummary> {
  const start = performance.now();
  const summary = { name: `${tier}_stream`, batches: 0, numInputRows: 0, numOutputRows: 0 };
  const removeSummary = session.streams.addListener({
    onQueryProgress(progress: StreamingQueryProgress) {
      summary.batches++;
      summary.numInputRows += progress.numInputRows;
      summary.numOutputRows += progress.sink.numOutputRows;
    },
  });
  // Gold has a bar for each batch that it scores.
  const removeBar = session.streams.addListener(tier === "gold" ? {} : streamProgress());
  const query = await startTier[tier](options);
  await query.awaitTermination();
  removeSummary();
  removeBar();
  const seconds = Math.round(performance.now() - start) / 1000;
  console.error(`${summary.name}: ${summary.numInputRows} rows in, ${seconds} s`);
  return { ...summary, seconds };
}
