import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { BirdsongError, messageOf } from "../../lib/errors.ts";
import { projectPath } from "../../lib/paths.ts";
import { readModelFolder } from "../../lib/sentiment/model_folder.ts";
import { WorkerPool } from "../../lib/sentiment/worker_pool.ts";

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
