import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";
import { toJson } from "../lib/lakehouse/row.ts";
import { openSession } from "../lib/notebook/open_session.ts";
import { scoringProgress } from "../lib/notebook/scoring_progress.ts";
import { streamProgress } from "../lib/notebook/stream_progress.ts";
import type { Scorer } from "../lib/sentiment/scorer.ts";
import { parameters, type Settings } from "../lib/settings.ts";
import type { EngineSession } from "../lib/streaming/engine.ts";
import { checkSourceFolder } from "../lib/streaming/sources/listing.ts";
import { startTier, tiers } from "../lib/tweets/pipeline.ts";
import { integerArgument, main, pathArgument } from "./command/command.ts";
import { modelOptions, modelSettings, openModelScorer } from "./command/model_scorer.ts";
import { formatTable } from "./command/table.ts";

/** What one stream did in this run. */
interface StreamSummary {
  name: string;
  batches: number;
  numInputRows: number;
  numOutputRows: number;
  seconds: number;
}

/** What a run did, and what there is behind it. */
interface Summary {
  streams: StreamSummary[];
  tables: Record<string, { rows: number; version: number }>;
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
    const summary = await runPipeline(settings);
    if (switches.has("json")) console.log(toJson(summary));
    else printSummary(summary);
  },
});

/** Runs each tier to its end, on whatever engine the settings name. */
async function runPipeline(settings: Settings): Promise<Summary> {
  const session = await openSession(settings);
  let scorer: Scorer | undefined;
  const interruption = new AbortController();
  process.once("SIGINT", () => {
    const reason = new BirdsongError(
      "interrupted; what was committed stays, and the next run goes on from there",
    );
    interruption.abort(reason);
    // What cannot be stopped ends with its own error.
    session.streams.stopAll(reason).catch(() => {});
  });
  try {
    scorer = settings.engine === "embedded"
      ? await openModelScorer(settings, console.error)
      // It says what the model is; the executors load it themselves.
      : await openModelScorer({ ...settings, provider: "cpu" }, console.error, 1);
    const streams: StreamSummary[] = [];
    for (const tier of tiers) {
      streams.push(await runTier(tier, session, scorer, settings, interruption.signal));
    }
    const tables: Summary["tables"] = {};
    for (const tier of tiers) {
      tables[tier] = {
        rows: await session.count(tier),
        version: await session.tableVersion(tier),
      };
    }
    return { streams, tables };
  } finally {
    await scorer?.close();
    await session.close();
  }
}

async function runTier(
  tier: typeof tiers[number],
  session: EngineSession,
  scorer: Scorer,
  settings: Settings,
  signal: AbortSignal,
): Promise<StreamSummary> {
  signal.throwIfAborted();
  const start = performance.now();
  const summary = { name: `${tier}_stream`, batches: 0, numInputRows: 0, numOutputRows: 0 };
  const removeSummary = session.streams.addListener({
    onQueryProgress({ numInputRows, sink }) {
      summary.batches++;
      summary.numInputRows += numInputRows;
      summary.numOutputRows += sink.numOutputRows;
    },
  });
  // Gold has a bar for each batch that it scores.
  const removeBar = session.streams.addListener(tier === "gold" ? {} : streamProgress());
  const onScoring = scoringProgress();
  const query = await startTier[tier]({ ...settings, session, scorer, onScoring });
  // While it started, there was nothing to stop yet.
  if (signal.aborted) await query.stop(signal.reason);
  await query.awaitTermination();
  removeSummary();
  removeBar();
  const seconds = Math.round(performance.now() - start) / 1000;
  console.error(`${summary.name}: ${summary.numInputRows} rows in, ${seconds} s`);
  return { ...summary, seconds };
}

function printSummary({ streams, tables }: Summary): void {
  const header = ["stream", "batches", "rows in", "rows out", "seconds"];
  console.log(formatTable(header, streams.map((stream) => Object.values(stream).map(String))));
  console.log();
  const rows = Object.entries(tables).map(([table, { rows, version }]) =>
    [table, rows, version].map(String)
  );
  console.log(formatTable(["table", "rows", "version"], rows));
}
