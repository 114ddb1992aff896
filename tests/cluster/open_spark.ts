import process from "node:process";
import { findCluster } from "../../scripts/spark/cluster.ts";
import { sparkFolder } from "../../scripts/spark/versions.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import { tiers } from "../../lib/tweets/pipeline.ts";

/** A session on the local cluster (or that of BIRDSONG_ENGINE), in a database of its own that is empty. */
export async function openSpark(name: string): Promise<SparkSession> {
  const address = process.env.BIRDSONG_ENGINE ?? findCluster(sparkFolder)?.address;
  if (!address) throw new Error("there is no Spark cluster: run `deno task test:spark`");
  const session = await SparkSession.open(address, { database: `birdsong_test_${name}` });
  for (const table of [...tiers, "birdsong_batches"]) {
    await session.sql(`DROP TABLE IF EXISTS ${table}`);
  }
  return session;
}
