import { BirdsongError } from "../errors.ts";
import { DataStreamWriter } from "./data_stream_writer.ts";
import type { StreamSource } from "./sources/source.ts";
import type { StreamingQueryManager } from "./streaming_query_manager.ts";
import type { Transform } from "./transform.ts";

/** Rows on their way: what Spark calls a streaming DataFrame. */
export class DataStream {
  constructor(
    private readonly streams: StreamingQueryManager,
    private readonly source: StreamSource,
    private readonly transformation?: Transform,
  ) {}

  /** Says what happens to each batch. */
  transform(transform: Transform): DataStream {
    return new DataStream(this.streams, this.source, transform);
  }

  /** Says where the rows go, and when. */
  get writeStream(): DataStreamWriter {
    if (!this.transformation) {
      throw new BirdsongError("a stream needs transform(...) before writeStream");
    }
    return new DataStreamWriter(this.streams, this.source, this.transformation);
  }
}
