import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { toJson } from "../../lib/lakehouse/row.ts";
import { projectPath } from "../../lib/paths.ts";
import { Session } from "../../lib/streaming/session.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";
import { difference } from "./verify.ts";

const files = 200;
const tweetsPerFile = 10;
/** Few, so that the model is soon through. */
const texts = 300;
const kills = 5;

function writeTweets(folder: string): void {
  mkdirSync(folder);
  const opinions = ["love", "hate", "do not know", "miss", "want"];
  for (let file = 0; file < files; file++) {
    const tweets = Array.from({ length: tweetsPerFile }, (_, line) => {
      const number = file * tweetsPerFile + line;
      const mention = ["", `@ann${number % 40} `, `@bob @Cy${number % 7}@dee `][number % 3];
      return {
        date: `Mon Apr 06 22:${String(number % 60).padStart(2, "0")}:45 PDT 2009`,
        user: `user${number % 90}`,
        text: `${mention}I ${opinions[number % opinions.length]} number ${number % texts}`,
        sentiment: number % 2 ? "positive" : "negative",
      };
    });
    const lines = tweets.map((tweet) => JSON.stringify(tweet)).join("\n");
    writeFileSync(join(folder, `${String(file).padStart(4, "0")}.json`), lines);
  }
}

/** Runs the pipeline; kills it after so many milliseconds, if it runs that long. */
async function runPipeline(
  source: string,
  lake: string,
  killAfter?: number,
): Promise<{ killed: boolean; milliseconds: number }> {
  const started = Date.now();
  const child = spawn(
    process.execPath,
    [
      ...["run", "--allow-all", projectPath("scripts/pipeline.ts"), "--source", source],
      ...["--lake", lake, "--max-files-per-trigger", "20", "--provider", "cpu"],
    ],
    // Small batches: many moments at which to die.
    { env: { ...process.env, BIRDSONG_MAX_ROWS_PER_TRIGGER: "300" } },
  );
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => output += text);
  child.stdout.resume();
  const timer = killAfter === undefined
    ? undefined
    : setTimeout(() => child.kill("SIGKILL"), killAfter);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  if (code !== null) assert.equal(code, 0, output);
  return { killed: code === null, milliseconds: Date.now() - started };
}

/** The rows of every table as JSON, without the time of processing, which is another in each run. */
async function readTables(lake: string): Promise<Map<string, string[]>> {
  const session = await Session.open(lake, { readOnly: true });
  const tables = new Map<string, string[]>();
  for (const tier of tiers) {
    const columns = tier === "bronze" ? "* EXCLUDE (processing_time)" : "*";
    const rows = await session.sql(`SELECT ${columns} FROM ${tier}`);
    tables.set(tier, rows.map((row) => toJson(row)));
  }
  await session.close();
  return tables;
}

Deno.test("a pipeline that is killed again and again ends with the tables of an undisturbed run", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [source, calm, killed] = ["tweets", "calm", "killed"].map((name) => join(folder, name));
    writeTweets(source);
    const { milliseconds } = await runPipeline(source, calm);
    let count = 0;
    for (let run = 0; run < kills; run++) {
      // The first fifth or so is spent on getting ready.
      const killAfter = milliseconds * (0.2 + 0.5 * Math.random());
      if ((await runPipeline(source, killed, killAfter)).killed) count++;
    }
    await runPipeline(source, killed);
    assert.ok(count > 0, "no run has been killed");
    const expected = await readTables(calm);
    assert.equal(expected.get("bronze")!.length, files * tweetsPerFile);
    const found = await readTables(killed);
    for (const tier of tiers) {
      assert.deepEqual(
        difference(expected.get(tier)!, found.get(tier)!),
        { lost: [], added: [] },
        `${tier} differs`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
