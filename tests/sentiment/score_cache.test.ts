import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openScorer } from "../../lib/sentiment/open_scorer.ts";
import { type Probabilities, ScoreCache } from "../../lib/sentiment/score_cache.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

const fail = (line: string): void => assert.fail(line);
const third = 1 / 3;
const scores = new Map<string, Probabilities>([
  ["a day", [0.1, 0.2, 0.7]],
  ["half \ufffd a pair, 'quotes' \"and\" \0 all", [third, third, 1 - 2 * third]],
  ["x".repeat(100_000), [1e-300, 5e-324, 1]],
]);

/** Opens the cache of a file, and closes it behind the action. */
async function withCache<T>(
  file: string,
  action: (cache: ScoreCache) => Promise<T>,
  log = fail,
): Promise<T> {
  const cache = await ScoreCache.open(file, log);
  try {
    return await action(cache);
  } finally {
    await cache.close();
  }
}

Deno.test("the cache gives back what it was given, to the last bit, and nothing else", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "not/there/yet's.sqlite");
    await withCache(file, (cache) => cache.add(scores));
    await withCache(file, async (cache) => {
      assert.deepEqual(await cache.find([...scores.keys(), "other", "A day"]), scores);
      assert.deepEqual(await cache.find([]), new Map());
      await cache.add(new Map([["a day", [1, 0, 0]], ["new", [0, 1, 0]]]));
      assert.deepEqual((await cache.find(["a day", "new"])).get("new"), [0, 1, 0]);
      assert.deepEqual((await cache.find(["a day"])).get("a day"), [0.1, 0.2, 0.7]);
    });
  });
});

Deno.test("what no model can have said is not given back", async () => {
  await withFolder(async (folder) => {
    const unsound = [[0.5, 0.5, 0.5], [-1, 1, 1], [NaN, 0, 1], [1, 0], [1, 0, 0, 0], ["1", 0, 0]];
    const entries = unsound.map((value, i) => [`text ${i}`, value as unknown as Probabilities]);
    await withCache(join(folder, "scores.sqlite"), async (cache) => {
      await cache.add(new Map(entries as [string, Probabilities][]).set("sound", [0, 0, 1]));
      const texts = ["sound", ...unsound.map((_, i) => `text ${i}`)];
      assert.deepEqual(await cache.find(texts), new Map([["sound", [0, 0, 1]]]));
    });
  });
});

Deno.test("several calls at once use one cache, and closing it waits for them", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "scores.sqlite");
    const parts = Array.from({ length: 8 }, (_, part) => {
      const entry = (i: number) => [`text ${part} ${i}`, [0, 1, 0]] as const;
      return new Map<string, Probabilities>(Array.from({ length: 50 }, (_, i) => entry(i)));
    });
    const cache = await ScoreCache.open(file, fail);
    const calls = parts.map(async (part) => {
      assert.deepEqual(await cache.find([...part.keys()]), new Map());
      await cache.add(part);
    });
    await Promise.all(calls);
    const late = cache.add(scores);
    await cache.close();
    await late;
    await withCache(file, async (cache) => {
      for (const part of [...parts, scores]) {
        assert.deepEqual(await cache.find([...part.keys()]), part);
      }
    });
  });
});

Deno.test("several processes fill one cache at once", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "scores.sqlite");
    const child = fileURLToPath(new URL("fixtures/fill_cache.ts", import.meta.url));
    const fill = async (name: string) => {
      const args = ["run", "-A", child, file, name];
      const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    };
    await Promise.all(["a", "b", "c"].map(fill));
    await withCache(file, async (cache) => {
      for (const name of ["a", "b", "c"]) {
        const texts = Array.from({ length: 200 }, (_, i) => `${name} ${i}`);
        assert.equal((await cache.find(texts)).size, 200, name);
      }
      assert.equal(
        (await cache.find(Array.from({ length: 200 }, (_, i) => `shared ${i}`))).size,
        200,
      );
    });
  });
});

Deno.test("a damaged file is removed with a word, and stops nothing", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "scores.sqlite");
    for (const content of ["x".repeat(5000), "SQLite format 3\0" + "x".repeat(5000)]) {
      writeFileSync(file, content);
      const lines: string[] = [];
      await withCache(file, async (cache) => {
        await cache.add(scores);
        assert.deepEqual(await cache.find(["a day"]), new Map());
      }, (line) => lines.push(line));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(
        lines[0],
        /scores are not looked up: .*scores\.sqlite cannot be used \(.*; it is removed/,
      );
      assert.ok(!existsSync(file));
      await withCache(file, (cache) => cache.add(scores));
      assert.equal((await withCache(file, (cache) => cache.find(["a day"]))).size, 1);
      Deno.removeSync(file);
    }
  });
});

Deno.test("a damaged file that cannot be removed is told once, and stops nothing", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "scores.sqlite");
    const lines: string[] = [];
    await withCache(file, async (cache) => {
      await cache.add(scores);
      writeFileSync(file, "x".repeat(5000));
      mkdirSync(`${file}-shm`);
      assert.deepEqual(await cache.find(["a day"]), new Map());
      await cache.add(scores);
    }, (line) => lines.push(line));
    assert.match(lines.join("\n"), /^scores are not looked up: .*cannot be used \(.*\)$/);
  });
});

Deno.test("a file that cannot be made is told once, and stops nothing", async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, "file"), "");
    const lines: string[] = [];
    await withCache(join(folder, "file/scores.sqlite"), async (cache) => {
      await cache.add(scores);
      assert.deepEqual(await cache.find(["a day"]), new Map());
    }, (line) => lines.push(line));
    assert.equal(lines.length, 1);
  });
});

Deno.test("a scorer asks the model once for a text, and other models for themselves", async () => {
  const modelOf = (name: string) =>
    fileURLToPath(new URL(`fixtures/models/${name}`, import.meta.url));
  await withFolder(async (cache) => {
    const texts = ["a day", "@ann a day", "@bob a day", "", "a night"];
    const score = async (name: string, cache?: string) => {
      const model = modelOf(name);
      const scorer = await openScorer({ model, provider: "cpu", workers: 1, cache, log: fail });
      const calls: number[] = [];
      const sentiments = await scorer.score(texts, { onProgress: (done) => calls.push(done) });
      await scorer.close();
      return { sentiments, calls };
    };
    const plain = await score("bert");
    assert.deepEqual(plain.calls, [1, 5]);
    const first = await score("bert", cache);
    assert.deepEqual(first, plain);
    const again = await score("bert", cache);
    assert.deepEqual(again, { ...plain, calls: [5] });
    assert.equal(readdirSync(cache).filter((name) => name.endsWith(".sqlite")).length, 1);

    const other = await score("roberta", cache);
    assert.deepEqual(other, await score("roberta"));
    assert.notDeepEqual(other.sentiments, plain.sentiments);
  });
});

Deno.test("what was scored before a call was stopped is not asked again", async () => {
  await withFolder(async (cache) => {
    const model = fileURLToPath(new URL("fixtures/models/bert", import.meta.url));
    const texts = Array.from({ length: 5000 }, (_, i) => `day ${i} ${"and more ".repeat(10)}`);
    const scorer = await openScorer({ model, provider: "cpu", workers: 1, cache, log: fail });
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("enough"));
    await assert.rejects(scorer.score(texts, { signal: stop.signal, onProgress }), /enough/);
    let known = 0;
    await scorer.score(texts, { onProgress: (done) => known ||= done });
    await scorer.close();
    assert.ok(known > 0 && known < texts.length, `${known} texts were known`);
  });
});
