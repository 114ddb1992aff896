import assert from "node:assert/strict";
import { SparkRuns } from "../../lib/notebook/spark_runs.ts";
import { parameters } from "../../lib/settings.ts";
import type { SparkSession } from "../../lib/spark/spark_session.ts";

/** A session whose only table takes what is inserted. */
function sessionWithTable(): SparkSession {
  const events: object[] = [];
  return {
    tableExists: () => Promise.resolve(events.length > 0),
    sql(query: string, parameters?: object) {
      if (query.startsWith("INSERT")) events.push(parameters!);
      return Promise.resolve(query.startsWith("SELECT") ? events : []);
    },
  } as unknown as SparkSession;
}

Deno.test("on Spark, a run has the sections since it began, each as it was the last time", async () => {
  const runs = new SparkRuns(sessionWithTable());
  assert.equal(await runs.last(), undefined, "before the first run");
  const early = await runs.startSection("03_raw_to_bronze");
  await early();
  assert.equal(await runs.last(), undefined, "a section without a run");

  const settings = parameters({ maxFilesPerTrigger: 7 });
  await runs.start(settings);
  const first = await runs.startSection("03_raw_to_bronze");
  await first();
  await runs.startSection("04_bronze_to_silver");
  await runs.startSection("03_raw_to_bronze");
  const run = (await runs.last())!;
  assert.deepEqual(run.settings, settings);
  assert.deepEqual(run.sections.map(({ section, seconds }) => [section, seconds]), [
    ["03_raw_to_bronze", null],
    ["04_bronze_to_silver", null],
  ]);

  const again = await runs.startSection("03_raw_to_bronze");
  await again();
  const [section] = (await runs.last())!.sections;
  assert.ok(section.seconds! >= 0 && section.seconds! < 60, `${section.seconds} s`);
  assert.ok(section.startedAt >= run.startedAt);

  await runs.start(settings);
  assert.deepEqual((await runs.last())!.sections, [], "a new run has none yet");
});
