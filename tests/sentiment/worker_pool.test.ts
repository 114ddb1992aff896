import assert from "node:assert/strict";
import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { BirdsongError, messageOf } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { readModelFolder } from "../../lib/sentiment/model_folder.ts";
import { WorkerPool } from "../../lib/sentiment/worker_pool.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

const options = {
  model: readModelFolder(projectPath("data/model")),
  modelFile: "onnx/model_int8.onnx",
  provider: "cpu" as const,
  batchTokens: 100,
  exact: true,
};
const mortal = fileURLToPath(new URL("fixtures/mortal_worker.ts", import.meta.url));
const harmless = Array.from({ length: 20 }, (_, i) => [`tweet ${i}`]);

for (const [way, cause] of [["exit", /exit code 3/], ["throw", /out of luck/]] as const) {
  Deno.test(`a worker that dies (${way}) fails the call with the cause, and is replaced`, async () => {
    const pool = await WorkerPool.open(options, 2, mortal);
    try {
      await assert.rejects(pool.classify([...harmless, [way], ...harmless], () => {}), (error) => {
        assert.ok(error instanceof BirdsongError);
        assert.match(messageOf(error), cause);
        return true;
      });
      const done = new Set<number>();
      await pool.classify(harmless, (chunk) => done.add(chunk));
      assert.equal(done.size, harmless.length);
    } finally {
      await pool.close();
    }
  });
}

Deno.test("after a failure, the workers take no more chunks", async () => {
  const pool = await WorkerPool.open(options, 2, mortal);
  try {
    let chunks = 0;
    const failAtFirst = () => {
      if (chunks++ === 0) throw new Error("no room for it");
    };
    await assert.rejects(pool.classify(harmless, failAtFirst), /no room for it/);
    assert.ok(chunks <= 4, `${chunks} chunks: more than the two that each worker has at hand`);
  } finally {
    await pool.close();
  }
});

Deno.test("an aborted call does not wait for the chunks that the workers have", async () => {
  const pool = await WorkerPool.open(options, 1, mortal);
  try {
    const controller = new AbortController();
    const chunks: number[] = [];
    const call = pool.classify([["sleep"]], (chunk) => chunks.push(chunk), controller.signal);
    setTimeout(() => controller.abort(new Error("enough")));
    await assert.rejects(call, /enough/);
    await pool.classify(harmless.slice(0, 1), () => chunks.push(-1));
    assert.deepEqual(chunks, [-1], "a chunk of the aborted call was still delivered");
  } finally {
    await pool.close();
  }
});

Deno.test("a worker that could not be replaced is, once the model can be loaded again", async () => {
  await withFolder(async (folder) => {
    cpSync(fileURLToPath(new URL("fixtures/models/bert", import.meta.url)), folder, {
      recursive: true,
    });
    const model = readModelFolder(folder);
    const pool = await WorkerPool.open(
      { ...options, model, modelFile: "onnx/model.onnx" },
      1,
      mortal,
    );
    try {
      await assert.rejects(pool.classify([["exit"]], () => {}), /exit code 3/);
      renameSync(join(folder, "onnx"), join(folder, "away"));
      await assert.rejects(pool.classify(harmless, () => {}), /onnx\/model\.onnx/);
      renameSync(join(folder, "away"), join(folder, "onnx"));
      const done = new Set<number>();
      await pool.classify(harmless, (chunk) => done.add(chunk));
      assert.equal(done.size, harmless.length);
    } finally {
      await pool.close();
    }
  });
});

Deno.test("a machine with many processors is not warned of its worker threads", async () => {
  const before = process.listenerCount("exit");
  const pool = await WorkerPool.open(options, 3, mortal);
  try {
    assert.equal(process.listenerCount("exit"), before);
  } finally {
    await pool.close();
  }
});
