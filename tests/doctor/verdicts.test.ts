import assert from "node:assert/strict";
import type { Finding } from "../../lib/doctor/finding.ts";
import { diagnose, type Measurements } from "../../lib/doctor/report.ts";
import { goodMeasurements } from "./given.ts";

/** What is found where the measurements differ in this from good ones. */
function found(change: (measured: Measurements) => void): Record<string, Finding> {
  const measured = goodMeasurements();
  change(measured);
  return Object.fromEntries(diagnose(measured).map((finding) => [finding.dimension, finding]));
}

const good = found(() => {});

/** Checks that only this dimension is found to be otherwise. */
function check(
  dimension: Finding["dimension"],
  change: (measured: Measurements) => void,
  verdict: Finding["verdict"],
  advice: RegExp,
): void {
  const { [dimension]: finding, ...others } = found(change);
  const { [dimension]: before, ...othersBefore } = good;
  assert.deepEqual(others, othersBefore);
  assert.equal(finding.verdict, verdict);
  assert.match(finding.advice, advice);
  assert.notEqual(finding.measured, before.measured);
  if (verdict !== "good") assert.notEqual(finding.advice, before.advice);
}

Deno.test("a lake that nothing is wrong with is good in all five dimensions", () => {
  assert.deepEqual(Object.keys(good), ["spill", "skew", "shuffle", "storage", "serialization"]);
  for (const { verdict, advice } of Object.values(good)) {
    assert.equal(verdict, "good");
    assert.match(advice, /^nothing to /);
  }
});

Deno.test("spill: a batch near the memory limit is fair, one beyond it poor", () => {
  const limit = (bytes: number) => ({ spill }: Measurements) =>
    void (spill.memoryLimitBytes = bytes);
  check("spill", limit(4e8), "good", /batches of 400,000 rows fit/);
  // 20,000 rows of 1,000 bytes are 20 MB.
  check("spill", limit(3e7), "fair", /maxRowsPerTrigger to 7,500 .* memory_limit to 40 MB/);
  check("spill", limit(1e7), "poor", /maxRowsPerTrigger to 2,500 /);
});

Deno.test("spill: what is advised is good when it is done", () => {
  const { spill } = found(({ spill }) => spill.memoryLimitBytes = 1e7);
  const rows = Number(/maxRowsPerTrigger to ([\d,]+)/.exec(spill.advice)![1].replace(",", ""));
  const after = found(({ spill }) => {
    spill.memoryLimitBytes = 1e7;
    spill.largestBatchRows = rows;
  });
  assert.equal(after.spill.verdict, "good");
});

Deno.test("skew: one person in most rows, or texts that are cut, are found, each in its words", () => {
  const straggling = (factor: number) => ({ skew }: Measurements) => {
    skew.mentions.tasks.asTheyAre.straggling = factor;
    skew.mentions.topShare = 0.4;
  };
  check("skew", straggling(3), "fair", /salted key, which brings 9 down to 1\.2$/);
  check("skew", straggling(6), "poor", /salted key/);
  const cut = (share: number) => ({ skew }: Measurements) => void (skew.lengths.cutShare = share);
  check("skew", cut(0.02), "fair", /^of the long texts, only the first 128 tokens are scored/);
  check("skew", cut(0.06), "poor", /only the first 128 tokens/);
  check(
    "skew",
    (measured) => (straggling(3)(measured), cut(0.06)(measured)),
    "poor",
    /salted key.*; of the long texts/,
  );
});

Deno.test("skew: too few mentions to judge, or none, are good", () => {
  const few = ({ skew }: Measurements) => {
    skew.mentions.rows = 12;
    skew.mentions.tasks.asTheyAre.straggling = 6;
  };
  check("skew", few, "good", /nothing to do/);
  const none = ({ skew }: Measurements) => {
    Object.assign(skew.mentions, { rows: 0, mentions: 0, top: null, topShare: 0 });
  };
  check("skew", none, "good", /nothing to do/);
  assert.match(found(none).skew.measured, /^nobody is mentioned; /);
});

Deno.test("shuffle: people that are merged again and again are found", () => {
  const merged = (count: number) => ({ shuffle }: Measurements) => void (shuffle.merged = count);
  check("shuffle", merged(80_000), "good", /keeps 10,000 rows away/);
  check("shuffle", merged(120_000), "fair", /raise maxRowsPerTrigger/);
  check("shuffle", merged(250_000), "poor", /raise maxRowsPerTrigger/);
  assert.match(found(merged(250_000)).shuffle.measured, /each 5\.0 times, in batches of 500 rows/);
  const daily = ({ shuffle }: Measurements) => {
    Object.assign(shuffle, { merged: 250_000, rows: 400_000, batchRows: 20_000 });
  };
  check("shuffle", daily, "good", /keeps 150,000 rows away/);
});

Deno.test("storage: many small files of one table are found, many large ones are not", () => {
  const files = (count: number, bytes: number) => ({ storage }: Measurements) => {
    storage.tables[0] = { table: "gold", files: count, bytes };
  };
  check("storage", files(12, 12e5), "fair", /^optimize gold: optimize\(lake\)/);
  check("storage", files(60, 12e5), "poor", /^optimize gold: optimize\(lake\)/);
  check("storage", files(60, 6e9), "good", /^nothing to merge$/);
  check("storage", files(0, 0), "good", /^nothing to merge$/);
});

Deno.test("storage: a compression that saves much is named, with what it saves", () => {
  const zstd = (bytes: number) => ({ storage }: Measurements) => {
    storage.parquet.find(({ compression }) => compression === "zstd")!.bytes = bytes;
  };
  assert.doesNotMatch(found(zstd(1.9e6)).storage.advice, /zstd/);
  assert.match(
    found(zstd(1.2e6)).storage.advice,
    /zstd would save 40 % of gold's bytes: CALL lake\.set_option\('parquet_compression', 'zstd'\)/,
  );
});

Deno.test("serialization: a network that is as fast as its texts are packed is found", () => {
  const scorer = (seconds: number) => ({ serialization }: Measurements) => {
    serialization.scorer.seconds = seconds;
  };
  check("serialization", scorer(1e-2), "good", /500 times as fast as INSERTs/);
  check("serialization", scorer(1e-4), "fair", /more workers/);
  check("serialization", scorer(5e-5), "poor", /more workers/);
  const slowOut = ({ serialization }: Measurements) => {
    serialization.out.objects.seconds = 1e-3;
  };
  check("serialization", slowOut, "poor", /^look at DuckDB to TypeScript: /);
});

Deno.test("a hostile mention stands in one line, without what a terminal obeys", () => {
  const top = `<script>\u001b[31m"'|\n\u202e\ud800${"x".repeat(100_000)}`;
  const { skew } = found(({ skew }) => skew.mentions.top = top);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(skew.measured, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.ok(skew.measured.isWellFormed() && skew.measured.length < 200, skew.measured);
});
