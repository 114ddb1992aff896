import assert from "node:assert/strict";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { probe } from "../notebook/probe.ts";
import { writeLines } from "../streaming/with_session.ts";

const files = 300;

/** A cell that runs the stream files -> birds, and shows what `then` gives. */
function cell(folder: string, maxFilesPerTrigger: number, trigger: string, then: string): string {
  const [lake, source] = [join(folder, "lake"), join(folder, "source")].map((path) =>
    JSON.stringify(path)
  );
  return `
    import { Session, show } from "birdsong";
    const session = await Session.open(${lake});
    const query = await session.readStream.schema({ name: "VARCHAR" })
      .options({ maxFilesPerTrigger: ${maxFilesPerTrigger} }).json(${source})
      .transform({
        schema: { name: "VARCHAR" },
        apply: ({ relation }) => "SELECT name FROM " + relation,
      })
      .writeStream.queryName("birds_stream").trigger(${trigger}).toTable("birds");
    ${then}`;
}

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`${kernel}: a kernel that is restarted in the middle of a stream takes the rest, each row once`, async () => {
    await withFolder(async (folder) => {
      for (let file = 0; file < files; file++) {
        writeLines(join(folder, "source"), `${file}.json`, { name: `bird ${file}` });
      }
      const { cells: [, second] } = await probe(
        "restart",
        kernel,
        projectPath("tests/notebook"),
        // Leaves the stream running.
        cell(
          folder,
          1,
          '{ processingTime: "1 ms" }',
          `while (!query.lastProgress) await new Promise((wake) => setTimeout(wake, 10));`,
        ),
        cell(
          folder,
          files,
          "{ availableNow: true }",
          `await query.awaitTermination();
          const rows = await session.table("birds");
          await show(JSON.stringify({
            taken: query.lastProgress?.numInputRows ?? 0,
            names: rows.map(({ name }) => name).sort(),
          }));`,
        ),
      );
      assert.equal(second.status, "ok", second.texts.join("\n"));
      const { taken, names } = JSON.parse(second.texts.at(-1));
      assert.ok(taken > 0 && taken < files, `the restart was not in the middle: ${taken} left`);
      assert.deepEqual(names, Array.from({ length: files }, (_, n) => `bird ${n}`).sort());
    });
  });
}
