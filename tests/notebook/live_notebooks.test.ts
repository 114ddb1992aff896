import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { Session } from "../../lib/streaming/session.ts";
import { startTier } from "../../lib/tweets/pipeline.ts";
import { makeSample } from "../../lib/tweets/sample/ensure_source.ts";
import { fakeScorer, tweet, writeTweets } from "../tweets/tiers.ts";
import { type DisplayMessage, notebookOf, type Output, probeWith } from "./probe.ts";

/** The source of a code cell of a notebook, by its id. */
function cellOf(notebook: string, id: string): string {
  const { cells } = JSON.parse(
    readFileSync(projectPath(`notebooks/${notebook}.ipynb`), "utf8"),
  ) as {
    cells: { id: string; source: string[] }[];
  };
  const cell = cells.find((cell) => cell.id === id);
  assert.ok(cell, `${notebook} has a cell ${id}`);
  return cell.source.join("");
}

/** Runs cells in a notebook inside the project, where it finds the library. */
async function runCells(
  kernel: string,
  sources: string[],
  options: Parameters<typeof probeWith>[0],
): Promise<{ cells: Output[][]; error: string | null }> {
  const folder = await Deno.makeTempDir({ dir: projectPath("tests/notebook") });
  try {
    const notebook = join(folder, "live.ipynb");
    await Deno.writeTextFile(notebook, JSON.stringify(notebookOf(sources)));
    return await probeWith(options, "watch", kernel, notebook);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`${kernel}: notebook 06 draws a table and two charts in place while three streams run`, async () => {
    const folder = await Deno.makeTempDir();
    const source = join(folder, "tweets");
    await makeSample(source, { tweets: 500, files: 100, seed: 6 });
    // The first cell of the notebook, with the model of the repository instead of one from MLflow.
    const first = `
      import {
        heldBackFiles, lineChart, liveOutput, monitorStreams, openScorer, openSession, parameters,
        releaseHeldBack, show, startTier, StreamReading,
      } from "birdsong";
      const settings = parameters();
      const session = await openSession(settings);
      const scorer = await openScorer({ model: settings.model, provider: "cpu", workers: 1 });`;
    const watched = "06_monitor_the_streams";
    const ids = ["06-04", "06-charts", "06-06", "06-07"];
    const messages: DisplayMessage[] = [];
    const { cells, error } = await runCells(
      kernel,
      [first, ...ids.map((id) => cellOf(watched, id)), "await show(readings.length);"],
      {
        env: { BIRDSONG_SOURCE: source },
        onDisplay: (message) => messages.push(message),
      },
    );
    await Deno.remove(folder, { recursive: true });
    assert.equal(error, null);

    // Each look changes the table and both charts, in this order.
    const looks = Number(cells.at(-1)![0].data!["text/plain"]) / 3;
    assert.ok(looks >= 4, `${looks} looks while the files arrive`);
    const ofLive = messages.filter(({ cell, display }) => cell === "cell-3" && display !== null);
    const [rows, times, latest] = [...new Set(ofLive.map(({ display }) => display))];
    assert.deepEqual(
      ofLive.slice(2).map(({ display }) => display),
      Array.from({ length: looks }, () => [latest, rows, times]).flat(),
    );
    assert.equal(ofLive.filter(({ type }) => type === "display_data").length, 3);
    // Each chart has every look there has been.
    for (const output of [rows, times]) {
      assert.deepEqual(
        ofLive.filter(({ display }) => display === output).map(pointsIn),
        Array.from({ length: looks + 1 }, (_, look) => look),
      );
    }
    // Of all spaces the least: the others say how busy the machine is.
    const drawn = ofLive.filter(({ display }) => display === rows).slice(1);
    const spaces = drawn.slice(1).map(({ seconds }, index) => seconds - drawn[index].seconds);
    assert.ok(Math.min(...spaces) <= 2, `at least ${Math.min(...spaces)} s between two updates`);

    // The notebook keeps the last state of each only.
    const kept = cells[3];
    assert.equal(kept.length, 4, "a line, and three outputs");
    const images = kept.map(({ data }) => String(data!["image/svg+xml"] ?? ""));
    assert.match(images[1], /<svg[^]*Rows read per stream/);
    assert.match(images[2], /<svg[^]*Mean processing time/);
    assert.match(String(kept[3].data!["text/plain"]), /^timestamp.*\n.*\n.*bronze_stream/);
    assert.ok(JSON.stringify(kept).length < 200_000, `${JSON.stringify(kept).length} bytes`);
  });
}

for (const kernel of ["deno", "tslab"]) {
  Deno.test(`${kernel}: notebook 09 draws its charts again and again while gold runs elsewhere, and ends with it`, async () => {
    const folder = await Deno.makeTempDir();
    const source = join(folder, "tweets");
    const lake = join(folder, "lake");
    await Deno.mkdir(source);
    const session = await Session.open(lake);
    const { scorer } = fakeScorer();
    const tweets = (name: string) => [
      tweet({ text: "@ann aa" }), // positive, because of its two vowels
      tweet({ text: `@${name} aa` }),
    ];
    const take = async () => {
      const options = { session, source, scorer };
      await (await startTier.bronze(options)).awaitTermination();
      await (await startTier.silver(options)).awaitTermination();
    };
    writeTweets(source, tweets("first"), 4, "first");
    await take();
    const trigger = { processingTime: "100 ms" };
    const gold = await startTier.gold({ session, source, scorer, trigger });
    await gold.processAllAvailable();

    const notebook = "09_application";
    const ids = ["09-02", "09-04", "09-charts", "09-06"];
    const drawn: string[] = [];
    let arrived: Promise<void> | undefined;
    let stopped: Promise<void> | undefined;
    const { cells, error } = await runCells(kernel, ids.map((id) => cellOf(notebook, id)), {
      env: { BIRDSONG_LAKE: lake, BIRDSONG_LOOP_APPLICATION: "true" },
      onDisplay: ({ cell, display, data }) => {
        if (cell !== "cell-3" || display === null) return;
        drawn.push(data["text/plain"]);
        if (drawn.length === 4) {
          writeTweets(source, tweets("second"), 4, "second");
          arrived = take();
        }
        // Once it shows what has come, the loop has to end with the stream.
        if (drawn.at(-1)!.includes("3 bars")) stopped ??= gold.stop();
      },
    });
    await Promise.all([arrived, stopped]);
    await session.close();
    await Deno.remove(folder, { recursive: true });
    assert.equal(error, null);
    assert.match(drawn[0], /^Top 20 by positive tweets \(bar chart, 2 bars, from/);
    assert.match(drawn[1], /^Top 20 by negative tweets/);
    assert.ok(drawn.some((text) => /positive tweets \(bar chart, 3 bars/.test(text)));
    assert.equal(cells[3].length, 3, "the last state of two charts, and a line");
    for (const { data } of cells[3].slice(0, 2)) {
      assert.match(String(data!["image/svg+xml"]), /<svg/);
    }
  });
}

/** Points of a line chart's first line, as its description has them. */
function pointsIn({ data }: DisplayMessage): number {
  return Number(/bronze_stream with (\d+) points/.exec(data["text/plain"])?.[1]);
}
