import { BirdsongError } from "../errors.ts";
import type { ReadOptions } from "../streaming/data_stream_reader.ts";
import type { Batch, LoggedBatch } from "./batch_log.ts";
import { mapValue } from "./map_value.ts";
import type { SparkSession } from "./spark_session.ts";
import { sparkIdentifier } from "./sql.ts";

/** How much one batch takes of a table, at most. */
export type BatchLimits = Pick<ReadOptions, "maxFilesPerTrigger" | "maxRowsPerTrigger">;

// Delta's own default for a stream.
const defaultFiles = 1000;

/** The versions of a Delta table as the source of a stream with `foreachBatch`. */
export class DeltaSource {
  constructor(
    private readonly session: SparkSession,
    readonly table: string,
    readonly limits: BatchLimits,
  ) {}

  /** The table's last version. */
  async latestVersion(): Promise<number> {
    const [{ version }] = await this.#history(1);
    return version;
  }

  /**
   * The batch after `last`: as many versions, up to `latest`, as the limits allow, and at least one. A
   * version is not divided.
   *
   * @param limited Whether the limits count.
   * @returns The batch; undefined where there is no version after the last one.
   * @throws {BirdsongError} where the table is not the one that earlier batches have read.
   */
  async next(
    last: LoggedBatch | undefined,
    latest: number,
    limited: boolean,
  ): Promise<Batch | undefined> {
    if (latest === last?.endVersion) return undefined;
    const sourceId = await this.#id();
    if (last) this.#check(last, sourceId);
    const startVersion = (last?.endVersion ?? -1) + 1;
    if (latest < startVersion) return undefined;
    const endVersion = limited ? await this.#endOfBatch(startVersion, latest) : latest;
    return { batchId: (last?.batchId ?? -1) + 1, sourceId, startVersion, endVersion };
  }

  /**
   * Checks that a batch that was begun by an earlier run is of the table that is there now.
   *
   * @throws {BirdsongError} where it is not.
   */
  async check(batch: Batch): Promise<void> {
    this.#check(batch, await this.#id());
  }

  #check(batch: Batch, id: string): void {
    if (batch.sourceId === id) return;
    throw new BirdsongError(
      `${this.table} is not the table whose rows up to version ${batch.endVersion} have been ` +
        "processed: it was dropped and made anew. Drop the table that this stream writes, too, and " +
        "the stream begins anew",
      { context: { table: this.table } },
    );
  }

  async #id(): Promise<string> {
    const [{ id }] = await this.session.sql(`DESCRIBE DETAIL ${sparkIdentifier(this.table)}`);
    return id;
  }

  async #endOfBatch(startVersion: number, latest: number): Promise<number> {
    const { maxFilesPerTrigger = defaultFiles, maxRowsPerTrigger = Infinity } = this.limits;
    // History begins with the newest, and the table may have gone on since `latest`. What comes between
    // the two looks makes a batch larger, at worst.
    const commits = await this.#history(await this.latestVersion() - startVersion + 1);
    let [files, rows, endVersion] = [0, 0, startVersion];
    for (const { version, operationMetrics } of commits.reverse()) {
      if (version < startVersion || version > latest) continue;
      files += Number(mapValue(operationMetrics, "numAddedFiles", "numFiles") ?? 0);
      rows += Number(mapValue(operationMetrics, "numOutputRows") ?? 0);
      if (version > startVersion && (files > maxFilesPerTrigger || rows > maxRowsPerTrigger)) break;
      endVersion = version;
    }
    return endVersion;
  }

  #history(commits: number) {
    return this.session.sql(`DESCRIBE HISTORY ${sparkIdentifier(this.table)} LIMIT ${commits}`);
  }
}
