import assert from "node:assert/strict";
import { lastRun, startRun, startSection } from "../../lib/notebook/run_record.ts";
import { parameters } from "../../lib/settings.ts";
import { Session } from "../../lib/streaming/session.ts";
import { withSession } from "../streaming/with_session.ts";

Deno.test("a run is recorded with its settings and sections, for all kernels", async () => {
  await withSession(async (session) => {
    assert.equal(await lastRun(session), undefined);
    const before = Date.now();
    const settings = parameters({ maxFilesPerTrigger: 7 });
    await startRun(session, settings);
    const first = await startSection(session, "00_run_me_first");
    await startSection(session, "it's a section");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await first.end();

    const other = await Session.open(session.lake.folder);
    const run = (await lastRun(other))!;
    await other.close();
    assert.deepEqual(run.settings, settings);
    // The clock of the database counts in finer steps.
    assert.ok(run.startedAt.getTime() >= before - 1 && run.startedAt.getTime() <= Date.now());
    assert.deepEqual(run.sections.map(({ section }) => section), [
      "00_run_me_first",
      "it's a section",
    ]);
    const [ended, running] = run.sections;
    assert.ok(ended.seconds! >= 0.05 && ended.seconds! < 60, `${ended.seconds} s`);
    assert.equal(running.seconds, null);
    assert.ok(ended.startedAt.getTime() >= run.startedAt.getTime());
    assert.ok(running.startedAt.getTime() >= ended.startedAt.getTime());
  });
});

Deno.test("a section that runs again counts as it was the last time, and a new run has none yet", async () => {
  await withSession(async (session) => {
    const early = await startSection(session, "03_raw_to_bronze");
    await early.end();
    assert.equal(await lastRun(session), undefined, "no run has begun");

    await startRun(session, parameters());
    const first = (await lastRun(session))!;
    assert.deepEqual(first.sections, []);
    await (await startSection(session, "03_raw_to_bronze")).end();
    const again = await startSection(session, "03_raw_to_bronze");
    const during = (await lastRun(session))!.sections;
    assert.deepEqual(during.map(({ section, seconds }) => [section, seconds]), [
      ["03_raw_to_bronze", null],
    ]);
    await again.end();
    assert.equal(typeof (await lastRun(session))!.sections[0].seconds, "number");

    await startRun(session, parameters());
    const second = (await lastRun(session))!;
    assert.notEqual(second.id, first.id);
    assert.deepEqual(second.sections, []);
    await startSection(session, "04_bronze_to_silver");
    const { sections } = (await lastRun(session))!;
    assert.deepEqual(sections.map(({ section }) => section), ["04_bronze_to_silver"]);
  });
});

Deno.test("sections of several kernels may begin at once, also on a new lake", async () => {
  await withSession(async (session) => {
    const other = await Session.open(session.lake.folder);
    await startRun(session, parameters());
    const names = ["a", "b", "c", "d"];
    const sections = await Promise.all(
      names.map((name, index) => startSection(index % 2 === 0 ? session : other, name)),
    );
    await Promise.all(sections.map((section) => section.end()));
    const run = (await lastRun(other))!;
    assert.deepEqual(run.sections.map(({ section }) => section), names);
    assert.ok(run.sections.every(({ seconds }) => seconds !== null));
    await other.close();
  });
});
