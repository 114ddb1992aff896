/**
 * ONNX Runtime and nothing else, for the limit in gold.ts: a session of one thread, and inputs that
 * are ready before the clock starts. Several workers share out the batches by a counter.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { parentPort, workerData } from "node:worker_threads";

const { file, batches, shared } = workerData as {
  file: string;
  /** Token ids; the texts of a batch have equally many. */
  batches: number[][][];
  shared: SharedArrayBuffer;
};
const next = new Int32Array(shared);
const session = await InferenceSession.create(file, {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const inputs = batches.map((batch) => {
  const dims = [batch.length, batch[0].length];
  const tensor = (data: BigInt64Array) => new Tensor("int64", data, dims);
  const ids = BigInt64Array.from(batch.flat(), BigInt);
  const all: Record<string, Tensor> = {
    input_ids: tensor(ids),
    attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
    token_type_ids: tensor(new BigInt64Array(ids.length)),
  };
  return Object.fromEntries(session.inputNames.map((name) => [name, all[name]]));
});
for (const feeds of inputs.slice(0, 3)) await session.run(feeds); // warm

parentPort!.on("message", async () => {
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    if (index >= inputs.length) break;
    await session.run(inputs[index]);
  }
  parentPort!.postMessage("done");
});
parentPort!.postMessage("ready");
