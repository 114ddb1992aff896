import type { EngineDescription } from "../streaming/engine.ts";
import type { SparkSession } from "./spark_session.ts";

/** Spark's version, where the tables are, and what the executors have. */
export async function describeSpark(session: SparkSession): Promise<EngineDescription> {
  const [{ version, tasks }] = await session.sql(
    // Where nothing else is said, a range is cut into as many parts as the executors have cores.
    `SELECT version() AS version, count(DISTINCT part) AS tasks
     FROM (SELECT spark_partition_id() AS part FROM range(10000))`,
  );
  return {
    engine: `Spark ${version.split(" ", 1)[0]}`,
    tables: session.location,
    threads: tasks,
    cores: tasks,
    memory: await session.client.getConfig("spark.executor.memory") ?? "1g",
  };
}
