import assert from "node:assert/strict";
import { hostname } from "node:os";
import { OtherProcess } from "../streaming/other_process.ts";
import { birds, rawBird, withSession, writeLines } from "../streaming/with_session.ts";
import { runScript } from "./script.ts";

Deno.test("streams lists those of other processes and one that failed, and stops them by name", async () => {
  await withSession(async (session, source) => {
    const { folder } = session.lake;
    const run = (...args: string[]) => runScript("streams", ["--lake", folder, ...args]);
    writeLines(source, "a.json", { name: "wren" });
    const fails = {
      ...birds,
      apply: () => {
        throw new Error("\u001b[31mred \u009b31m<b>😀\nmore");
      },
    };
    const query = await session.readStream.schema(rawBird).json(source).transform(fails)
      .writeStream.queryName("failing_stream").trigger({ availableNow: true }).toTable("other");
    await assert.rejects(query.awaitTermination());
    const other = new OtherProcess(folder, source);
    try {
      await other.prints("batch 0");

      const table = await run();
      assert.deepEqual([table.code, table.stderr], [0, ""]);
      const [header, ...lines] = table.stdout.trimEnd().split("\n");
      assert.match(header, /^stream +state +process +host +since +batch +rows +last batch +error$/);
      assert.equal(lines.length, 2);
      assert.match(lines[0], new RegExp(`^birds_stream +running +${other.pid} +${hostname()} `));
      assert.match(
        lines[1],
        /^failing_stream +failed .* failing_stream failed in batch 0:  ?\[31mred/,
      );
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f]/);

      const [running, failed, ...more] = JSON.parse((await run("--json")).stdout);
      assert.deepEqual(more, []);
      assert.deepEqual(
        [running.name, running.state, running.lastProgress.batchId, running.error],
        ["birds_stream", "running", 0, null],
      );
      assert.deepEqual(
        [failed.name, failed.state, failed.lastProgress, failed.error],
        ["failing_stream", "failed", null, query.exception!.message.split("\n")[0]],
      );

      for (const [name, said] of [["failing_stream", " but failed"], ["nobody", ""]]) {
        const refused = await run("--stop", name);
        assert.equal(refused.code, 1);
        assert.equal(
          refused.stderr,
          `streams: ${name} is not running${said}: what runs is birds_stream\n`,
        );
      }

      const stopped = await run("--stop", "birds_stream");
      assert.deepEqual([stopped.code, stopped.stdout], [0, "stopped: birds_stream\n"]);
      await other.prints("ended");
      assert.equal((await run("--stop", "all")).stdout, "nothing to stop\n");
      assert.equal((await run("--stop", "all", "--json")).stdout, "[]\n");
    } finally {
      await other.kill();
    }
  });
});

Deno.test("streams says that none runs, and where there is no lake", async () => {
  await withSession(async (session, source) => {
    const none = await runScript("streams", ["--lake", session.lake.folder]);
    assert.deepEqual([none.code, none.stdout], [0, "no stream is running\n"]);
    const nowhere = await runScript("streams", ["--lake", source]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /^streams: no lake in /);
  });
});
