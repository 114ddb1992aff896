import { constants } from "node:os";
import process from "node:process";
import { BirdsongError, messageOf } from "../lib/errors.ts";
import { dailyJob, dailySteps } from "../lib/jobs/daily_steps.ts";
import { JobRunningError } from "../lib/jobs/claim_job.ts";
import { runJob } from "../lib/jobs/run_job.ts";
import { parameters, type Settings } from "../lib/settings.ts";
import { SparkSession } from "../lib/spark/spark_session.ts";
import type { EngineSession } from "../lib/streaming/engine.ts";
import { Session } from "../lib/streaming/session.ts";
import {
  type Command,
  integerArgument,
  main,
  pathArgument,
  UsageError,
} from "./command/command.ts";
import { runOnSchedule } from "./daily/schedule.ts";

/** Exit codes besides those of every command. */
const runningAlready = 3;

const command: Command = {
  name: "daily",
  summary:
    "Runs the daily job: new tweets from raw files to the application table, the evaluation into\n" +
    "MLflow, and the dashboard into a file. A step that fails stops the rest; one whose error may\n" +
    "pass (a busy catalog, an MLflow server that does not answer) is tried again first. Every\n" +
    `attempt is recorded: deno task sql "FROM jobs.steps ORDER BY started_at"\n\n` +
    "Exit codes: 0 all steps succeeded, or --cron was ended between two runs; 1 a step failed;\n" +
    "2 called wrongly; 3 the job runs on this lake already; 130 and 143 ended by Ctrl-C or SIGTERM\n" +
    "while it ran. What was committed until then stays, and the next run goes on from there.",
  options: {
    source: { value: "DIR", help: "folder with the tweets' JSON files (BIRDSONG_SOURCE)" },
    lake: { value: "DIR", help: "folder of the tables (BIRDSONG_LAKE)" },
    out: {
      value: "FILE.html",
      help: "the dashboard's file (default: dashboard.html in the lake's folder)",
    },
    attempts: { value: "N", help: "how often a step is tried whose error may pass (3)" },
    once: { help: "run it once, now (the default)" },
    cron: {
      value: "PATTERN",
      help: 'go on running it at these times, such as "0 6 * * *" for every day at six',
    },
  },
  async run({ options, switches }) {
    if (options.cron !== undefined && switches.has("once")) {
      throw new UsageError("--cron and --once exclude each other");
    }
    const defaults = parameters();
    const settings = {
      ...defaults,
      source: options.source ? pathArgument(options.source) : defaults.source,
      lake: options.lake ? pathArgument(options.lake) : defaults.lake,
    };
    const dashboard = options.out ? pathArgument(options.out) : undefined;
    const attempts = integerArgument("attempts", options.attempts ?? "3");
    const signal = endOnRequest();
    const run = () => runOnce(settings, { dashboard, attempts, signal });
    if (options.cron === undefined) return await run();
    let code = 0;
    await runOnSchedule(options.cron, async () => {
      code = await run();
    }, { signal, log: say });
    return signal.aborted && code > 128 ? code : 0;
  },
};

/** Runs the job; returns the exit code. */
async function runOnce(
  settings: Settings,
  options: { dashboard?: string; attempts: number; signal: AbortSignal },
): Promise<number> {
  const { dashboard, attempts, signal } = options;
  const { lake, catalog, storage, engine, sparkDatabase } = settings;
  let session: EngineSession | undefined;
  let records: Session | undefined;
  try {
    // On Spark, too, the record is in this machine's lake: it is about processes of this machine.
    records = await Session.open(lake, { catalog, storage });
    session = engine === "embedded"
      ? records
      : await SparkSession.open(engine, { database: sparkDatabase });
    const steps = dailySteps(session, settings, { dashboard, log: say });
    await runJob(records, dailyJob, steps, { attempts, signal, log: say });
    return 0;
  } catch (error) {
    say(messageOf(error));
    if (!(error instanceof BirdsongError)) console.error(error);
    if (error instanceof JobRunningError) return runningAlready;
    return error instanceof EndedError ? error.code : 1;
  } finally {
    await records?.close();
    if (session !== records) await session?.close();
  }
}

/** The reason of an end that was asked for. */
class EndedError extends BirdsongError {
  /** The exit code that tells of it. */
  readonly code: number;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}; what was committed stays, and the next run goes on from there`);
    this.code = 128 + constants.signals[signal];
  }
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function endOnRequest(): AbortSignal {
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => end.abort(new EndedError(signal)));
  }
  return end.signal;
}

/** A line of a log that a scheduler keeps: with the time. */
function say(line: string): void {
  console.error(`${new Date().toISOString()} daily: ${line}`);
}

if (import.meta.main) await main(command);
