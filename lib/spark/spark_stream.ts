import { BirdsongError } from "../errors.ts";
import type { EngineStream } from "../streaming/engine.ts";
import type { Transform } from "../streaming/transform.ts";
import type { SparkSession } from "./spark_session.ts";
import { SparkStreamWriter } from "./stream_writer.ts";
import type { SparkSource } from "./stream_reader.ts";

/** Rows on their way: a streaming DataFrame. */
export class SparkStream implements EngineStream {
  constructor(
    private readonly session: SparkSession,
    private readonly source: SparkSource,
    private readonly transformation?: Transform,
  ) {}

  /** Says what happens to each batch. */
  transform(transform: Transform): SparkStream {
    return new SparkStream(this.session, this.source, transform);
  }

  /** Says where the rows go, and when. */
  get writeStream(): SparkStreamWriter {
    if (!this.transformation) {
      throw new BirdsongError("a stream needs transform(...) before writeStream");
    }
    if (!this.transformation.spark) {
      throw new BirdsongError("this transform has no SQL for Spark: give it spark(batch)");
    }
    return new SparkStreamWriter(this.session, this.source, this.transformation);
  }
}
