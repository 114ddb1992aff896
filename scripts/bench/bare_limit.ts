import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { openTokenizer, readModelFolder } from "../../lib/sentiment/model_folder.ts";
import { prepareText } from "../../lib/sentiment/prepare.ts";

/** Bare ONNX Runtime on batches that are tokenized beforehand: what no pipeline around it can beat. */
export class BareLimit {
  private constructor(
    private readonly workers: Worker[],
    private readonly next: Int32Array,
    /** Batches that a round runs. */
    readonly batches: number,
  ) {}

  /**
   * @param batchTokens Tokens of a batch at most; 0 for texts one by one.
   */
  static async open(
    model: string,
    modelFile: string,
    texts: string[],
    options: { workers: number; batchTokens: number },
  ): Promise<BareLimit> {
    const { maxTokens } = readModelFolder(model);
    const tokenizer = openTokenizer(model);
    const ids = texts.map((text) => tokenizer.encode(prepareText(text)).ids.slice(0, maxTokens));
    const batches = batchesOf(ids, options.batchTokens);
    const shared = new SharedArrayBuffer(4);
    const file = fileURLToPath(new URL("bare_worker.ts", import.meta.url));
    const workers = Array.from(
      { length: options.workers },
      () => new Worker(file, { workerData: { file: join(model, modelFile), batches, shared } }),
    );
    await Promise.all(workers.map((worker) => once(worker, "message")));
    return new BareLimit(workers, new Int32Array(shared), batches.length);
  }

  /** Runs all batches. */
  async run(): Promise<void> {
    this.next[0] = 0;
    const done = this.workers.map((worker) => once(worker, "message"));
    for (const worker of this.workers) worker.postMessage("go");
    await Promise.all(done);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** Long texts first, so that the workers end together; equally long ones share a batch. */
function batchesOf(ids: number[][], batchTokens: number): number[][][] {
  const batches: number[][][] = [];
  for (const one of ids.sort((a, b) => b.length - a.length)) {
    const last = batches.at(-1);
    const fits = last?.[0].length === one.length && (last.length + 1) * one.length <= batchTokens;
    if (fits) last.push(one);
    else batches.push([one]);
  }
  return batches;
}
