import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import type { Connection } from "../lakehouse/connection.ts";
import { RowWriter } from "../lakehouse/row_writer.ts";
import { openScorer, type ScorerOptions } from "../sentiment/open_scorer.ts";
import type { Laboratory } from "./laboratory.ts";
import { tokenizerOf } from "./text_lengths.ts";
import { median } from "../median.ts";

/** One way to bring values over a border. */
export interface Transport {
  how: string;
  /** Seconds for one text or row. */
  seconds: number;
}

/** What it takes to bring texts to the model, and scores back. */
export interface SerializationMeasurement {
  /** DuckDB to TypeScript: all columns as row objects, one column so, one column as column chunks. */
  out: { rows: Transport; objects: Transport; columns: Transport };
  /** TypeScript to DuckDB: an INSERT for each row, and column chunks. */
  in: { inserts: Transport; chunks: Transport };
  /** Between threads: texts are copied, numbers can be copied or handed over. */
  threads: { texts: Transport; copied: Transport; transferred: Transport };
  /** Texts to tokens. */
  tokenizer: Transport;
  /** All of a scorer's work in one thread: copying, tokens, the network. */
  scorer: Transport;
}

const repetitions = 3;
const textsScored = 256;
/** Enough for a time that can be measured. */
const scoresSent = 300_000;
const rowsInserted = 300;

/** Measures each border between DuckDB, TypeScript, threads and tokens by itself. */
export async function measureSerialization(
  lab: Laboratory,
  model: Pick<ScorerOptions, "model" | "provider">,
): Promise<SerializationMeasurement> {
  const texts = await lab.texts();
  const tokensOf = tokenizerOf(model.model);
  tokensOf("warm up");
  return {
    ...await lab.experiment({}, async (connection) => ({
      out: await outOfDuckdb(lab, connection),
      in: await intoDuckdb(connection, texts.length),
    })),
    threads: await betweenThreads(texts),
    tokenizer: await timed("text to tokens", texts.length, () => {
      for (const text of texts) tokensOf(text);
    }, 1),
    scorer: await scoring(model, texts),
  };
}

async function outOfDuckdb(
  lab: Laboratory,
  connection: Connection,
): Promise<SerializationMeasurement["out"]> {
  await connection.run(`CREATE TEMP TABLE gold AS FROM ${lab.relation("gold")}`);
  const { n } = (await connection.row("SELECT count(*) AS n FROM temp.gold"))!;
  const text = "SELECT cleaned_text FROM temp.gold";
  return {
    rows: await timed("row objects, all columns", n, () => connection.rows("FROM temp.gold")),
    objects: await timed("row objects, the text only", n, () => connection.rows(text)),
    columns: await timed("column chunks, the text only", n, async () => {
      const reader = await connection.duckdb.runAndReadAll(text);
      reader.getColumnsJS();
    }),
  };
}

async function intoDuckdb(
  connection: Connection,
  count: number,
): Promise<SerializationMeasurement["in"]> {
  const schema = { id: "INTEGER", score: "DOUBLE", label: "VARCHAR" };
  await connection.run("CREATE TEMP TABLE inserted (id INTEGER, score DOUBLE, label VARCHAR)");
  return {
    inserts: await timed("an INSERT for each row", rowsInserted, async () => {
      for (let id = 0; id < rowsInserted; id++) {
        const row = { id, score: id / rowsInserted, label: "positive" };
        await connection.run("INSERT INTO temp.inserted VALUES ($id, $score, $label)", row);
      }
    }, 1),
    chunks: await timed("column chunks", count, async () => {
      const writer = await RowWriter.create(connection, "written", schema);
      for (let id = 0; id < count; id++) writer.add([id, id / count, "positive"]);
      writer.close();
    }),
  };
}

/** A channel's two ends pack and unpack as those of two threads do. */
async function betweenThreads(texts: string[]): Promise<SerializationMeasurement["threads"]> {
  const { port1, port2 } = new MessageChannel();
  const send = (value: unknown, transfer: ArrayBuffer[] = []) => {
    port1.postMessage(value, transfer);
    receiveMessageOnPort(port2);
  };
  const scores = Array.from({ length: repetitions }, () => new Float64Array(3 * scoresSent));
  try {
    send("warm up");
    return {
      texts: await timed("texts, copied", texts.length, () => send(texts)),
      copied: await timed("probabilities, copied", scoresSent, () => send(scores[0])),
      // What is handed over is gone here: each time another array.
      transferred: await timed("probabilities, handed over", scoresSent, () => {
        const numbers = scores.pop()!;
        send(numbers, [numbers.buffer]);
      }),
    };
  } finally {
    port1.close();
  }
}

async function scoring(
  model: Pick<ScorerOptions, "model" | "provider">,
  texts: string[],
): Promise<Transport> {
  const scorer = await openScorer({ ...model, workers: 1, log: () => {} });
  try {
    // From everywhere, so that they are as long as all are.
    const step = Math.max(1, Math.floor(texts.length / textsScored));
    const some = texts.filter((_, index) => index % step === 0).slice(0, textsScored);
    return await timed("the scorer, one thread", some.length, () => scorer.score(some), 1);
  } finally {
    await scorer.close();
  }
}

async function timed(
  how: string,
  count: number,
  action: () => unknown,
  times = repetitions,
): Promise<Transport> {
  const seconds: number[] = [];
  for (let repetition = 0; repetition < times; repetition++) {
    const start = performance.now();
    await action();
    seconds.push((performance.now() - start) / 1000);
  }
  return { how, seconds: median(seconds) / Math.max(1, count) };
}
