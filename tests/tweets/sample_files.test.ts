import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { projectPath } from "../../lib/paths.ts";
import { generateTweets, type SampleTweet } from "../../lib/tweets/sample/generate.ts";
import { readSentiment140 } from "../../lib/tweets/sample/sentiment140.ts";
import { writeTweetFiles } from "../../lib/tweets/sample/write_files.ts";
import { SmallDisk } from "../fault/small_disk.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The tweets of each file, in the order of the files' names. */
function readBack(folder: string): SampleTweet[][] {
  return readdirSync(folder).sort().map((name) => {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    assert.equal(lines.pop(), "", "a file ends with a line end");
    return lines.map((line) => JSON.parse(line));
  });
}

const write = (folder: string, count: number, files: number, seed = 1) =>
  writeTweetFiles({ tweets: generateTweets({ count, seed }), count, files, folder });

Deno.test("writeTweetFiles() writes each tweet once, at least one and not the same number to each file", () =>
  inFolder(async (folder) => {
    const out = join(folder, "above", "tweets");
    assert.deepEqual(await write(out, 1000, 300), { tweets: 1000, files: 300, changed: true });
    const files = readBack(out);
    assert.equal(files.length, 300);
    assert.deepEqual(files.flat(), [...generateTweets({ count: 1000, seed: 1 })]);
    const sizes = files.map((tweets) => tweets.length);
    assert.equal(Math.min(...sizes), 1);
    assert.ok(Math.max(...sizes) > 6 && Math.max(...sizes) < 60, `largest ${Math.max(...sizes)}`);
    assert.equal(readdirSync(out).sort()[0], "tweets-000001.json");
    assert.ok(!existsSync(out + ".partial"));
  }));

Deno.test("writeTweetFiles() can write one tweet to each file, and all to one", () =>
  inFolder(async (folder) => {
    await write(join(folder, "many"), 50, 50);
    assert.ok(readBack(join(folder, "many")).every((tweets) => tweets.length === 1));
    await write(join(folder, "one"), 50, 1);
    assert.equal(readBack(join(folder, "one"))[0].length, 50);
  }));

Deno.test("writeTweetFiles() takes an empty folder, or one with the same files, but no other", () =>
  inFolder(async (folder) => {
    const out = join(folder, "tweets");
    mkdirSync(out);
    assert.equal((await write(out, 20, 5)).changed, true);
    assert.equal((await write(out, 20, 5)).changed, false);
    await assert.rejects(write(out, 20, 5, 2), /not empty and holds other files/);
    await assert.rejects(write(out, 20, 4), /not empty and holds other files/);
    writeFileSync(join(out, "mine.txt"), "");
    await assert.rejects(write(out, 20, 5), /not empty and holds other files/);
    assert.equal(readdirSync(out).length, 6);
    await assert.rejects(write(join(out, "mine.txt"), 20, 5), /is a file, not a folder/);
  }));

Deno.test("writeTweetFiles() leaves no folder when there are fewer tweets than asked for", () =>
  inFolder(async (folder) => {
    const tweets = [...generateTweets({ count: 7 })];
    const out = join(folder, "tweets");
    await assert.rejects(
      writeTweetFiles({ tweets, count: 10, files: 5, folder: out }),
      /cannot write 10 tweets: there are only 7/,
    );
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(write(out, 5, 6), /each file needs at least one tweet/);
  }));

Deno.test("writeTweetFiles() replaces what an interrupted run left, but not the files of others", () =>
  inFolder(async (folder) => {
    const [out, partial] = [join(folder, "tweets"), join(folder, "tweets.partial")];
    mkdirSync(partial);
    writeFileSync(join(partial, "tweets-000099.json"), "half a line");
    await write(out, 10, 2);
    assert.deepEqual(readdirSync(folder), ["tweets"]);
    assert.equal(readBack(out).length, 2);
    mkdirSync(partial);
    writeFileSync(join(partial, "diary.txt"), "");
    await assert.rejects(write(join(folder, "tweets"), 10, 3), /not empty/);
    await Deno.remove(out, { recursive: true });
    await assert.rejects(write(out, 10, 2), /holds other files \(diary\.txt\)/);
    assert.ok(existsSync(join(partial, "diary.txt")));
  }));

Deno.test("writeTweetFiles() names a folder that cannot be written to", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await assert.rejects(write(join(file, "in it", "tweets"), 10, 2), {
      name: "BirdsongError",
      message:
        /^cannot write 10 tweets to .*ENOTDIR.*See that it is a folder that can be written to/,
    });
  }));

Deno.test({
  name: "writeTweetFiles() leaves nothing on a full disk, and says what to do",
  ignore: !SmallDisk.isPossible,
  fn: async () => {
    const disk = new SmallDisk(1);
    try {
      await assert.rejects(write(join(disk.folder, "tweets"), 20_000, 4), {
        name: "BirdsongError",
        message: /^cannot write 20000 tweets to .*no space left.*Make room on its disk/,
      });
      assert.deepEqual(readdirSync(disk.folder), []);
    } finally {
      disk.remove();
    }
  },
});

async function readCsv(folder: string, content: string | Uint8Array): Promise<SampleTweet[]> {
  const file = join(folder, "in.csv");
  writeFileSync(file, content);
  return await Array.fromAsync(readSentiment140(file));
}

const row = (polarity: string, text: string) =>
  `"${polarity}","1","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","ann","${text}"`;

Deno.test("readSentiment140() reads quotes, commas, line ends and all polarities", () =>
  inFolder(async (folder) => {
    const lines = [
      row("0", 'a ""quoted"" word, and'),
      row("2", "two\r\nlines\nor three"),
      "4,2,yesterday,NO_QUERY,bob,no quotes é 😀",
      row("4", ""),
    ];
    const expected = [
      ["negative", 'a "quoted" word, and'],
      ["neutral", "two\r\nlines\nor three"],
      ["positive", "no quotes é 😀"],
      ["positive", ""],
    ];
    for (const end of ["\n", "\r\n"]) {
      for (const last of ["", end]) {
        const tweets = await readCsv(folder, lines.join(end) + last);
        assert.deepEqual(tweets.map(({ sentiment, text }) => [sentiment, text]), expected);
        assert.deepEqual([tweets[0].date, tweets[2].date, tweets[2].user], [
          "Mon Apr 06 22:19:45 PDT 2009",
          "yesterday",
          "bob",
        ]);
      }
    }
  }));

Deno.test("readSentiment140() reads Latin-1, which the original corpus is in", () =>
  inFolder(async (folder) => {
    const bytes = Uint8Array.from(row("0", "caf\xe9"), (letter) => letter.charCodeAt(0));
    assert.equal((await readCsv(folder, bytes))[0].text, "café");
  }));

Deno.test("readSentiment140() reads files that are longer than what is read at once", () =>
  inFolder(async (folder) => {
    const texts = Array.from({ length: 30_000 }, (_, i) => `${i} é😀 ""\n${"x".repeat(i % 140)}`);
    const tweets = await readCsv(folder, texts.map((text) => row("4", text)).join("\r\n"));
    assert.deepEqual(tweets.map(({ text }) => text), texts.map((text) => text.replace('""', '"')));
  }));

Deno.test("readSentiment140() names the file and the line of a wrong row", () =>
  inFolder(async (folder) => {
    const good = row("0", "two\nlines");
    const read = (line: string) => readCsv(folder, `${good}\n${line}\n${good}\n`);
    await assert.rejects(
      read(row("1", "x")),
      /in\.csv, line 3: the polarity must be .* but is "1"/,
    );
    await assert.rejects(read(row("positive", "x")), /line 3: the polarity/);
    await assert.rejects(read('"0","1","date"'), /line 3: there are 3 columns instead of 6/);
    await assert.rejects(read(row("0", 'x","y')), /line 3: there are 7 columns/);
    await assert.rejects(read(row("0", 'x" y"')), /line 3: column 6 is not quoted correctly/);
    await assert.rejects(readCsv(folder, row("0", "").slice(0, -1)), /line 1: column 6/);
    await assert.rejects(
      Array.fromAsync(readSentiment140(join(folder, "none.csv"))),
      /cannot read .*none\.csv/,
    );
  }));

async function data(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const script = projectPath("scripts/data.ts");
  try {
    const { stdout, stderr } = await promisify(execFile)(Deno.execPath(), [
      "run",
      "-A",
      script,
      ...args,
    ], {
      env: { ...process.env, INIT_CWD: "" },
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

Deno.test("the command data writes generated tweets and rows of a CSV file", () =>
  inFolder(async (folder) => {
    const out = join(folder, "generated");
    const { code, out: line } = await data("--out", out, "--tweets", "30", "--files", "10");
    assert.equal(code, 0);
    assert.equal(line, `30 tweets in 10 files written to ${out}\n`);
    assert.deepEqual(readBack(out).flat(), [...generateTweets({ count: 30, seed: 1 })]);

    const csv = join(folder, "in.csv");
    writeFileSync(csv, [row("0", "one"), row("4", "two"), row("4", "three")].join("\n"));
    const taken = join(folder, "taken");
    await data("--out", taken, "--from", csv, "--tweets", "2", "--files", "1");
    assert.deepEqual(readBack(taken).flat().map(({ text }) => text), ["one", "two"]);
    const tooMany = await data(
      "--out",
      folder + "/x",
      "--from",
      csv,
      "--tweets",
      "4",
      "--files",
      "1",
    );
    assert.equal(tooMany.code, 1);
    assert.match(tooMany.err, /there are only 3/);
    assert.ok(!existsSync(join(folder, "x")));
  }));

Deno.test("the command data explains how it is called wrongly", async () => {
  for (
    const [args, message] of [
      [["--tweets", "5"], /--files 2500 is more than --tweets 5/],
      [["--tweets", "many"], /--tweets must be a whole number/],
      [["--from", "x.csv", "--seed", "3"], /--seed is for generated tweets/],
    ] as const
  ) {
    const { code, err } = await data(...args);
    assert.equal(code, 2);
    assert.match(err, message);
  }
});
