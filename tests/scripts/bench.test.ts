import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, plainFigure, timesOf } from "../../scripts/bench/figure.ts";
import { begin, end, record } from "../../scripts/bench/record.ts";
import type { BenchReport } from "../../scripts/bench/report.ts";
import { describeMachine } from "../../lib/machine.ts";
import { median } from "../../lib/median.ts";
import { inTurns, type Taken } from "../../scripts/bench/taken.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { endScript, runScript } from "./script.ts";

const stages = ["start", "ingest", "silver", "gold", "application", "trigger", "batches", "scale"];
const subject = { stage: "s", what: "w", peer: "p" };

/** Times of which the processor's is the same everywhere. */
function taken(...walls: number[]): Taken[] {
  return walls.map((wall) => ({ wall, processor: 1 }));
}

Deno.test("bench measures every stage in one run, and each ratio comes from measured times", async () => {
  const size = ["--tweets", "200", "--files", "100", "--rounds", "1", "--batches", "4"];
  const { code, stdout, stderr } = await runScript("bench", [...size, "--scored", "50", "--json"]);
  assert.equal(code, 0, stderr);
  const { figures, ...report }: BenchReport = JSON.parse(stdout);
  assert.deepEqual(report.options, { tweets: 200, files: 100, rounds: 1, batches: 4, scored: 50 });
  assert.equal(report.input, "generated");
  assert.ok(!Number.isNaN(Date.parse(report.date)));
  assert.ok(report.commit === null || /^[0-9a-f]{10}\+?$/.test(report.commit));
  assert.equal(report.machine.runtime, `Deno ${Deno.version.deno}`);
  assert.match(report.versions["@duckdb/node-api"], /^\d+\.\d+/);

  assert.deepEqual([...new Set(figures.map(({ stage }) => stage))], [...stages, "memory"]);
  for (const { stage, what, peer, value, unit, goal, measured, reached } of figures) {
    const middle = (taken: Taken[]) => median(taken.map(({ wall }) => wall));
    assert.ok(measured.ours.every(({ wall, processor }) => wall > 0 && processor >= 0), what);
    const [limit] = Object.values(goal);
    assert.equal(reached, "atMost" in goal ? value <= limit : value >= limit, what);
    assert.equal(peer === null, measured.peer.length === 0, what);
    if (stage === "start") assert.equal(value, middle(measured.ours));
    if (unit !== "times" || stage === "trigger") continue;
    const ratio = middle(measured.ours) / middle(measured.peer);
    assert.equal(value, "atMost" in goal ? ratio : middle(measured.peer) / middle(measured.ours));
  }
  assert.match(stderr, /^ingest \.\.\.$/m);
});

Deno.test("bench takes its tweets from a CSV file, and says when there are too few", async () => {
  await withFolder(async (folder) => {
    const row = (number: number) =>
      `"4","1","Mon Apr 06 22:19:45 PDT 2009","","ann","no ${number}"`;
    writeFileSync(
      join(folder, "tweets.csv"),
      Array.from({ length: 20 }, (_, i) => row(i)).join("\n"),
    );
    const run = (tweets: string) => {
      const args = ["--source", "tweets.csv", "--tweets", tweets, "--stages", "ingest", "--json"];
      return runScript("bench", args, { INIT_CWD: folder });
    };
    const { code, stdout, stderr } = await run("20");
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).input, "tweets.csv");
    assert.match((await run("22")).stderr, /cannot write 22 tweets: there are only 20/);
  });
});

Deno.test("bench leaves no files behind when it is ended", async () => {
  await withFolder(async (folder) => {
    const args = ["--tweets", "2000", "--stages", "ingest"];
    const code = await endScript("SIGTERM", "ingest ...", "bench", args, { TMPDIR: folder });
    assert.equal(code, 143);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("bench names what it is called wrongly with", async () => {
  for (
    const [args, message] of [
      [["--stages", "ingest,brass"], /--stages must be some of .*, but has "brass"/],
      [["--tweets", "100", "--files", "200"], /--files 200 is more than --tweets 100/],
      [["--source", "nowhere.csv"], /there is no .*nowhere\.csv/],
    ] as const
  ) {
    const { code, stderr } = await runScript("bench", [...args]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

Deno.test("a goal counts medians, in its own direction, and beyond what is allowed", () => {
  const figure = (goal: Figure["goal"], ours: Taken[], peer: Taken[], allowance?: number) => {
    const { value, reached } = timesOf({ ...subject, goal }, { ours, peer }, allowance);
    return [value, reached];
  };
  assert.deepEqual(figure({ atMost: 4 }, taken(8, 99, 8), taken(2, 2, 0.1)), [4, true]);
  assert.deepEqual(figure({ atMost: 4 }, taken(10, 9), taken(2, 2)), [4.75, false]);
  assert.deepEqual(figure({ atLeast: 0.9 }, taken(2), taken(1.9)), [0.95, true]);
  assert.deepEqual(figure({ atLeast: 0.9 }, taken(2), taken(1)), [0.5, false]);
  assert.deepEqual(figure({ atMost: 2 }, taken(1.5), taken(0.5), 0.5), [2, true]);
  assert.deepEqual(figure({ atMost: 2 }, taken(0.1), taken(0.5), 0.5), [0, true]);
  const plain = plainFigure({ stage: "s", what: "w", goal: { atMost: 1.5 } }, "GB", 1.6, taken(1));
  assert.deepEqual([plain.reached, plain.byProcessor], [false, null]);
});

Deno.test("a way that does much more is seen to be slower, by the clock and by the processor", async () => {
  const work = (times: number) => {
    let sum = 0;
    for (let i = 0; i < times * 1e5; i++) sum += Math.sqrt(i);
    return sum;
  };
  const order: string[] = [];
  const measured = await inTurns(4, {
    prepare: (round) => order.push(`round ${round}`),
    ours: () => (order.push("ours"), work(1000)),
    peer: () => (order.push("peer"), work(1)),
  });
  const { reached, byProcessor } = timesOf({ ...subject, goal: { atMost: 4 } }, measured);
  assert.equal(reached, false);
  assert.ok(byProcessor! > 4);
  assert.deepEqual(order.slice(0, 6), ["round 0", "peer", "ours", "round 1", "ours", "peer"]);
});

Deno.test("a recorded result is kept, drawn beside those of its size, and quoted", async () => {
  await withFolder(async (folder) => {
    const [results, chart, quotes] = ["a/results.jsonl", "a/history.svg", "b.md"]
      .map((name) => join(folder, name));
    const report = (date: string, tweets: number, wall: number): BenchReport => ({
      date,
      commit: "0123456789",
      machine: describeMachine(),
      load: [1.5, 2],
      versions: {},
      options: { tweets, files: 5, rounds: 2, batches: 3, scored: 4 },
      input: "generated",
      seconds: 1,
      figures: [
        timesOf({ ...subject, what: "a|b", goal: { atMost: 4 } }, {
          ours: taken(wall, 99, wall),
          peer: taken(1),
        }),
      ],
    });
    writeFileSync(quotes, `before\n${begin}\nold\n${end}\nbehind\n`);
    const files = { results, chart, quotes: [quotes, join(folder, "missing.md")] };
    await record(report("2026-11-01T00:00:00Z", 10, 3), files);
    await record(report("2026-11-02T00:00:00Z", 20, 1), files);
    await record(report("2026-11-03T00:00:00Z", 10, 5), files);
    const kept = readFileSync(results, "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(kept.map(({ figures }) => figures[0].value), [3, 1, 5]);
    assert.deepEqual(kept[0].figures[0].measured.ours, taken(3));
    assert.match(readFileSync(chart, "utf8"), /^<svg[^]*<\/svg>\s*$/);
    const text = readFileSync(quotes, "utf8");
    assert.match(text, /^before\n<!-- begin[^]*10 tweets in 5 files[^]*<!-- end[^]*-->\nbehind\n$/);
    assert.match(text, /\| s +\| a\\\|b +\| p +\| 5 +\| 1 +\| 5 times +\|.*\| NO +\|/);
    assert.ok(text.includes("](a/history.svg)"));
    assert.ok(!text.includes("old"));
  });
});
