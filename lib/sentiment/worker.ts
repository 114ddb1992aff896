/**
 * The entry of a worker thread: opens a classifier with the options in `workerData`, answers one
 * request after the other, and frees the model when it is told to close.
 *
 * ONNX Runtime blocks the thread that calls it, which is why it is never called in the main thread:
 * streams, the stop button and live charts would stand still.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Classifier } from "./classifier.ts";
import type { Reply, Request, WorkerStart } from "./messages.ts";
import { ThreadState } from "./thread_state.ts";

const port = parentPort!;
const send = (reply: Reply, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(reply, transfer);

const { options, shared } = workerData as WorkerStart;
const opened = Classifier.open(options, new ThreadState(shared));
opened.then(
  ({ batches }) => send({ type: "ready", batches }),
  (error) => send({ type: "unusable", error: plain(error) }),
);

let last: Promise<void> = opened.then(() => {}, () => {});
port.on("message", (request: Request) => {
  last = last.then(() => request.type === "close" ? close() : classify(request));
});

async function classify({ id, texts }: Extract<Request, { type: "classify" }>): Promise<void> {
  try {
    const probabilities = await (await opened).classify(texts);
    send({ type: "classified", id, probabilities }, [probabilities.buffer as ArrayBuffer]);
  } catch (error) {
    send({ type: "failed", id, error: plain(error) });
  }
}

async function close(): Promise<void> {
  await opened.then((classifier) => classifier.release(), () => {});
  send({ type: "closed" });
}

// ONNX Runtime throws errors that cannot be copied between threads; a plain one always can.
function plain(thrown: unknown): Error {
  const error = new Error(thrown instanceof Error ? thrown.message : String(thrown));
  if (thrown instanceof Error) error.stack = thrown.stack;
  return error;
}
