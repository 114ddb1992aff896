import assert from "node:assert/strict";
import { BirdsongError } from "../../lib/errors.ts";
import { JobRunningError } from "../../lib/jobs/claim_job.ts";
import { jobHistory, type StepRun } from "../../lib/jobs/job_history.ts";
import { type JobStep, runJob, type RunJobOptions } from "../../lib/jobs/run_job.ts";
import { commitSql } from "../lakehouse/with_lake.ts";
import { OtherProcess } from "../streaming/other_process.ts";
import { withSession } from "../streaming/with_session.ts";

const job = "birds_job";
const waiting = "../../jobs/fixtures/run_waiting.ts";

/** A step that ends in this way, attempt after attempt; the last way holds for all further ones. */
function step(name: string, ...ways: (number | Error)[]): JobStep & { runs: number } {
  return {
    name,
    runs: 0,
    run() {
      const way = ways[Math.min(this.runs++, ways.length - 1)];
      return way instanceof Error ? Promise.reject(way) : Promise.resolve(way);
    },
  };
}

const busy = new BirdsongError("the server is <busy>", { retriable: true });

/** What is recorded of an attempt, besides times and ids. */
function facts({ step, attempt, state, rows, error }: StepRun): unknown[] {
  return [step, attempt, state, rows, error];
}

/** Options with which nobody waits, and the lines that were logged. */
function quiet(options: RunJobOptions = {}): { options: RunJobOptions; lines: string[] } {
  const lines: string[] = [];
  return { lines, options: { backoff: 1, log: (line) => void lines.push(line), ...options } };
}

Deno.test("runJob() runs its steps in their order, and records each", async () => {
  await withSession(async (session) => {
    const { options, lines } = quiet();
    assert.deepEqual(await jobHistory(session.lake, job), []);
    const jobId = await runJob(session, job, [step("one", 7), step("two", 0)], options);
    const runs = await jobHistory(session.lake, job);
    assert.deepEqual(runs.map(facts), [
      ["one", 1, "succeeded", 7, null],
      ["two", 1, "succeeded", 0, null],
    ]);
    for (const run of runs) {
      assert.equal(run.jobId, jobId);
      assert.ok(run.endedAt! >= run.startedAt && run.startedAt <= new Date());
    }
    assert.ok(runs[1].startedAt >= runs[0].endedAt!);
    assert.match(lines.join("\n"), /^one: succeeded, 7 rows in \d+\.\d s\ntwo: succeeded, 0 rows/);
  });
});

Deno.test("a step that fails stops the rest, and the error names it", async () => {
  await withSession(async (session) => {
    const cause = new Error("no such 'bird'");
    const steps = [step("one", 1), step("two", cause), step("three", 1), step("four", 1)];
    await assert.rejects(runJob(session, job, steps, quiet().options), (error: BirdsongError) => {
      assert.equal(
        error.message,
        `birds_job failed in its step "two" (not run: three, four): no such 'bird'`,
      );
      assert.equal(error.cause, cause);
      return true;
    });
    assert.deepEqual(steps.map(({ runs }) => runs), [1, 1, 0, 0], "not tried again either");
    assert.deepEqual((await jobHistory(session.lake, job)).map(facts), [
      ["one", 1, "succeeded", 1, null],
      ["two", 1, "failed", null, "no such 'bird'"],
      ["three", 0, "not run", null, null],
      ["four", 0, "not run", null, null],
    ]);
    assert.deepEqual(
      await runJob(session, job, [step("one", 1)], quiet().options).then(() => 1),
      1,
    );
  });
});

Deno.test("a step whose error may pass is tried again, with longer and longer pauses", async () => {
  await withSession(async (session) => {
    const { options, lines } = quiet({ attempts: 4 });
    const patient = step("patient", busy, busy, busy, 5);
    await runJob(session, job, [patient, step("next", 1)], options);
    assert.deepEqual((await jobHistory(session.lake, job)).map(facts), [
      ["patient", 1, "failed", null, "the server is <busy>"],
      ["patient", 2, "failed", null, "the server is <busy>"],
      ["patient", 3, "failed", null, "the server is <busy>"],
      ["patient", 4, "succeeded", 5, null],
      ["next", 1, "succeeded", 1, null],
    ]);
    assert.deepEqual(lines.slice(0, 3), [
      "patient: attempt 1 of 4 failed, next in 0.001 s: the server is <busy>",
      "patient: attempt 2 of 4 failed, next in 0.002 s: the server is <busy>",
      "patient: attempt 3 of 4 failed, next in 0.004 s: the server is <busy>",
    ]);
    const hopeless = step("hopeless", busy);
    await assert.rejects(runJob(session, job, [hopeless], quiet().options), /"hopeless"/);
    assert.equal(hopeless.runs, 3, "the default");
  });
});

Deno.test("jobHistory() gives the last runs, the newest first", async () => {
  await withSession(async (session) => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.unshift(await runJob(session, job, [step("a", i), step("b", i)], quiet().options));
    }
    await runJob(session, "other_job", [step("c", 1)], quiet().options);
    const runs = await jobHistory(session.lake, job, { runs: 2 });
    assert.deepEqual(runs.map(({ jobId, step, rows }) => [jobId, step, rows]), [
      [ids[0], "a", 2],
      [ids[0], "b", 2],
      [ids[1], "a", 1],
      [ids[1], "b", 1],
    ]);
  });
});

Deno.test("a job that another process runs is refused, until that one is killed", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const other = new OtherProcess(folder, source, waiting);
    await other.prints("waiting");
    const one = step("one", 1);
    await assert.rejects(runJob(session, job, [one], quiet().options), (error: Error) => {
      assert.ok(error instanceof JobRunningError);
      assert.ok(error.message.includes(`process ${other.pid} on `), error.message);
      assert.match(error.message, /^birds_job runs on .* already: .*Nothing was done\./);
      return true;
    });
    assert.equal(one.runs, 0);
    await runJob(session, "other_job", [one], quiet().options);
    assert.deepEqual((await jobHistory(session.lake, job)).map(facts), [
      ["first", 1, "succeeded", 1, null],
      ["waiting", 1, "running", null, null],
    ]);
    await other.kill();
    await runJob(session, job, [one], quiet().options);
    const [, , killed] = await jobHistory(session.lake, job);
    assert.deepEqual([killed.step, killed.state, killed.endedAt], ["waiting", "interrupted", null]);
    assert.match(killed.error!, /its process ended without a word/);
  });
});

Deno.test("of processes that start the job at the same time, one runs it", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const others = Array.from({ length: 3 }, () => new OtherProcess(folder, source, waiting));
    const said = await Promise.all(others.map((other) => other.prints(/^waiting$| already: /)));
    assert.equal(said.filter((line) => line === "waiting").length, 1, said.join("\n"));
    await session.stopAllStreams();
    await Promise.all(others.map((other) => other.ends()));
    const runs = await jobHistory(session.lake, job);
    assert.equal(new Set(runs.map(({ jobId }) => jobId)).size, 1);
  });
});

Deno.test("the signal ends the step that runs, and the steps after it are not run", async () => {
  await withSession(async (session) => {
    const end = new AbortController();
    const last = step("last", 1);
    const stuck: JobStep = {
      name: "stuck",
      run: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          end.abort(new BirdsongError("enough"));
        }),
    };
    const running = runJob(session, job, [stuck, last], quiet({ signal: end.signal }).options);
    await assert.rejects(running, { message: "enough" });
    assert.equal(last.runs, 0);
    assert.deepEqual((await jobHistory(session.lake, job)).map(facts), [
      ["stuck", 1, "interrupted", null, "enough"],
      ["last", 0, "not run", null, null],
    ]);
  });
});

Deno.test("the signal ends the pause before the next attempt, too", async () => {
  await withSession(async (session) => {
    const end = new AbortController();
    const log = () => end.abort(new BirdsongError("enough"));
    const { options } = quiet({ signal: end.signal, backoff: 3_600_000, log });
    const one = step("one", busy);
    await assert.rejects(runJob(session, job, [one], options), { message: "enough" });
    assert.equal(one.runs, 1);
  });
});

Deno.test("stopAllStreams() stops a job in another process", async () => {
  await withSession(async (session, source) => {
    const other = new OtherProcess(session.lake.folder, source, waiting);
    await other.prints("waiting");
    assert.deepEqual(await session.stopAllStreams(), [job]);
    await other.prints("birds_job was asked to stop by another process");
    assert.equal(await other.ends(), 0);
    assert.deepEqual((await jobHistory(session.lake, job)).map(({ state }) => state), [
      "succeeded",
      "interrupted",
      "not run",
    ]);
  });
});

Deno.test("a failure is told also where the lake can no longer record it", async () => {
  await withSession(async (session) => {
    const { options, lines } = quiet();
    const breaking: JobStep = {
      name: "breaking",
      run: async () => {
        await commitSql(session.lake, "DROP TABLE jobs.steps");
        throw new Error("the disk is full");
      },
    };
    const running = runJob(session, job, [breaking], options);
    await assert.rejects(running, /"breaking": the disk is full/);
    assert.match(lines.join(), /breaking: no record of its end: .*steps/s);
  });
});
