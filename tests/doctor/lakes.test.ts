import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Laboratory, openLaboratory } from "../../lib/doctor/laboratory.ts";
import { diagnose, examine } from "../../lib/doctor/report.ts";
import { measureShuffle } from "../../lib/doctor/shuffle.ts";
import { measureSkew } from "../../lib/doctor/skew.ts";
import { measureSpill } from "../../lib/doctor/spill.ts";
import { measureStorage } from "../../lib/doctor/storage.ts";
import { judgeShuffle } from "../../lib/doctor/verdicts/shuffle.ts";
import { judgeSkew } from "../../lib/doctor/verdicts/skew.ts";
import { judgeSpill } from "../../lib/doctor/verdicts/spill.ts";
import { judgeStorage } from "../../lib/doctor/verdicts/storage.ts";
import { BirdsongError } from "../../lib/errors.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { projectPath } from "../../lib/paths.ts";
import { SmallDisk } from "../fault/small_disk.ts";
import { withLake } from "../lakehouse/with_lake.ts";
import { withSession } from "../streaming/with_session.ts";
import { runTiers, tweet, writeTweets } from "../tweets/tiers.ts";
import { evenRows, withGold } from "./lake_of.ts";

const model = projectPath("data/model");

async function withLaboratory(
  lake: Lakehouse,
  test: (lab: Laboratory) => Promise<void>,
): Promise<void> {
  const lab = await openLaboratory(lake);
  try {
    await test(lab);
  } finally {
    lab.close();
  }
}

Deno.test("a lake of even rows in few files is good, and is left as it was", async () => {
  await withGold(evenRows(3_000), 2, async (filled, folder) => {
    filled.close();
    const before = contents(folder);
    const lake = await Lakehouse.open(folder, { readOnly: true });
    let copy = "";
    await withLaboratory(lake, async (lab) => {
      copy = lab.folder;
      lake.close();
      const measured = await examine(lab, { model, provider: "cpu" });
      const verdicts = diagnose(measured).map(({ dimension, verdict }) => [dimension, verdict]);
      assert.deepEqual(verdicts.slice(0, 4), [
        ["spill", "good"],
        ["skew", "good"],
        ["shuffle", "good"],
        ["storage", "good"],
      ]);
      assert.equal(verdicts[4][0], "serialization");
      for (const { seconds } of Object.values(measured.serialization.out)) assert.ok(seconds > 0);
    });
    assert.deepEqual(contents(folder), before);
    assert.equal(existsSync(copy), false);
  });
});

Deno.test("many small files are found, and optimize makes one of them, on the copy only", async () => {
  await withGold(evenRows(3_600), 60, async (lake) => {
    await withLaboratory(lake, async (lab) => {
      const storage = await measureStorage(lab);
      const { verdict, measured, advice } = judgeStorage(storage);
      assert.equal(verdict, "poor");
      assert.match(measured, /gold, 60 of [\d.]+ kB/);
      assert.match(advice, /^optimize gold/);
      const gold = storage.optimized.find(({ table }) => table === "gold")!;
      assert.deepEqual([gold.before.files, gold.after.files], [60, 1]);
      assert.ok(gold.after.bytes < gold.before.bytes);
      assert.deepEqual([storage.worse.before.files, storage.worse.after.files], [100, 1]);
      const bytes = (wanted: string) =>
        storage.parquet.find(({ compression }) => compression === wanted)!.bytes;
      assert.ok(bytes("zstd") < bytes("uncompressed"));
    });
    const [info] = await lake.sql(
      "SELECT file_count FROM ducklake_table_info('lake') WHERE table_name = 'gold'",
    );
    assert.equal(info.file_count, 60);
  });
});

Deno.test("one huge mention, with a hostile name, makes the skew poor; salting helps", async () => {
  const hostile = `<script>"'|\n\u001b[31m`;
  const rows = evenRows(1_500).map((row, i) => i % 2 === 0 ? { ...row, mention: hostile } : row);
  await withGold(rows, 1, async (lake) => {
    await withLaboratory(lake, async (lab) => {
      const skew = await measureSkew(lab, model);
      assert.deepEqual([skew.mentions.rows, skew.mentions.top], [1_500, hostile]);
      assert.equal(skew.mentions.topShare, 0.5);
      const { asTheyAre, worse, better } = skew.mentions.tasks;
      for (const { rows } of [asTheyAre, worse, better]) {
        assert.equal(rows.reduce((sum, n) => sum + n, 0), 1_500);
      }
      assert.ok(asTheyAre.straggling >= 5 && worse.straggling >= 5);
      assert.ok(better.straggling < 2, `${better.straggling}`);
      const finding = judgeSkew(skew);
      assert.equal(finding.verdict, "poor");
      assert.match(finding.measured, /^@<script>"'\| \[31m has 50 % of 1,500 mentions/);
    });
  });
});

Deno.test("the Gini coefficient and Lorenz curve are those of the textbook", async () => {
  // 1, 1, 2 and 6 rows: 25 % of the mentions have 10 % of the rows, 50 % have 20, 75 % have 40.
  const names = ["a", "b", "c", "c", "d", "d", "d", "d", "d", "d"];
  const rows = names.map((mention, i) => ({ mention, text: `tweet ${i}` }));
  await withGold(rows, 1, async (lake) => {
    await withLaboratory(lake, async (lab) => {
      const { mentions } = await measureSkew(lab, model);
      assert.deepEqual(mentions.lorenz, [
        { mentions: 0, rows: 0 },
        { mentions: 25, rows: 10 },
        { mentions: 50, rows: 20 },
        { mentions: 75, rows: 40 },
        { mentions: 100, rows: 100 },
      ]);
      assert.ok(Math.abs(mentions.gini - 0.4) < 1e-9, `${mentions.gini}`);
    });
  });
});

Deno.test("texts longer than the model looks at make the skew poor", async () => {
  const long = "many words ".repeat(200);
  const rows = evenRows(200).map((row, i) => i % 10 === 0 ? { ...row, text: long + i } : row);
  await withGold(rows, 1, async (lake) => {
    await withLaboratory(lake, async (lab) => {
      const skew = await measureSkew(lab, model);
      assert.equal(skew.lengths.cutShare, 0.1);
      assert.ok(skew.lengths.batching.arrival.padding > 0.5);
      const { verdict, advice } = judgeSkew(skew);
      assert.equal(verdict, "poor");
      assert.match(advice, /only the first 128 tokens/);
    });
  });
});

Deno.test("a lake in which nobody is mentioned and no text says anything can be examined", async () => {
  const rows = Array.from({ length: 50 }, () => ({ mention: null, text: "" }));
  await withGold(rows, 1, async (lake) => {
    await withLaboratory(lake, async (lab) => {
      const findings = diagnose(await examine(lab, { model, provider: "cpu" }));
      for (const { measured, advice } of findings) {
        assert.doesNotMatch(measured + advice, /NaN|Infinity|undefined|null/);
      }
      assert.match(findings[1].measured, /^nobody is mentioned/);
    });
  });
});

Deno.test("less memory spills until it fails, and the same rows in parts do not", async () => {
  await withGold(evenRows(3_000), 1, async (lake) => {
    await lake.sql("SET GLOBAL memory_limit = '64MiB'");
    await withLaboratory(lake, async (lab) => {
      assert.equal(lab.facts.memoryLimitBytes, 64 * 2 ** 20);
      // What a stream makes in days.
      const batches = Array.from({ length: 200_000 }, (_, i) => {
        return { stream: "silver_stream", inputRows: i % 100, outputRows: 0 };
      });
      const spill = await measureSpill(
        new Laboratory(lab.folder, { ...lab.facts, batches }, () => {}),
      );
      assert.equal(spill.largestBatchRows, 99);
      const { worse, better } = spill.experiment;
      assert.equal(worse[0].spillBytes, 0);
      assert.ok(worse.some(({ spillBytes }) => spillBytes > 0));
      assert.equal(worse.at(-1)!.outOfMemory, true);
      const last = better.at(-1)!;
      assert.equal(last.memoryLimitBytes, worse.at(-1)!.memoryLimitBytes);
      assert.deepEqual([last.outOfMemory, last.spillBytes], [false, 0]);
      assert.equal(judgeSpill(spill).verdict, "good");
      assert.equal(judgeSpill({ ...spill, largestBatchRows: 1e6 }).verdict, "poor");
    });
    assert.equal(existsSync(join(lake.folder, "spill")), false);
  });
});

Deno.test("streams in small batches merge the same people again and again", async () => {
  await withSession(async (session, source) => {
    const tweets = Array.from({ length: 48 }, (_, i) => tweet({ text: `@ann @bob hello ${i}` }));
    writeTweets(source, tweets, 6);
    await runTiers(session, source, "application", {
      maxFilesPerTrigger: 1,
      maxRowsPerTrigger: 12,
    });
    await withLaboratory(session.lake, async (lab) => {
      const shuffle = await measureShuffle(lab);
      assert.deepEqual([shuffle.rows, shuffle.groups, shuffle.merged], [96, 2, 16]);
      const { verdict, measured } = judgeShuffle(shuffle);
      assert.equal(verdict, "poor");
      assert.match(measured, /each 8\.0 times, in batches of 12 rows/);
      const { rows, texts, distinct } = shuffle.crossings;
      assert.ok(rows.bytes > texts.bytes);
      // Both rows of a tweet share their text.
      assert.ok(Math.abs(distinct.bytes - texts.bytes / 2) < 1e-9);
      assert.equal(shuffle.threads[0].exchanged, 2);
      assert.equal(shuffle.threads[1].exchanged, 4);
    });
  });
});

Deno.test("a lake without the tables, or without rows, is refused in words", async () => {
  await withLake(async (lake) => {
    await assert.rejects(
      openLaboratory(lake),
      new BirdsongError(
        `nothing to examine in ${lake.folder}: its table bronze does not exist yet. ` +
          "Run `deno task pipeline` or the notebooks first",
        { context: { lake: lake.folder, table: "bronze" } },
      ),
    );
  });
  await withGold([], 1, async (lake) => {
    await assert.rejects(openLaboratory(lake), /its table gold is empty\. Run/);
  });
});

Deno.test({
  name: "a full disk of temporary files is told from the lake's own, and left empty",
  ignore: !SmallDisk.isPossible,
  async fn() {
    const rows = Array.from({ length: 20_000 }, () => ({
      mention: null,
      text: randomBytes(75).toString("base64"),
    }));
    await withGold(rows, 1, async (lake) => {
      const disk = new SmallDisk(1);
      const before = process.env.TMPDIR;
      process.env.TMPDIR = disk.folder;
      try {
        await assert.rejects(openLaboratory(lake), (error: Error) => {
          assert.match(
            error.message,
            /newest rows to .*gold\.parquet.*No space left.*\(TMPDIR\)$/s,
          );
          assert.ok(error instanceof BirdsongError && error.message.includes(disk.folder));
          return true;
        });
        assert.deepEqual(readdirSync(disk.folder), []);
      } finally {
        if (before === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = before;
        disk.remove();
      }
    });
  },
});

/** Every file below a folder, by its hash; without SQLite's own working files. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(folder, file)).isFile() && !/-(wal|shm)$/.test(file)).sort();
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash("sha256").update(readFileSync(join(folder, file))).digest("hex"),
    ]),
  );
}
