import process from "node:process";
import { findCluster } from "../../scripts/spark/cluster.ts";
import { sparkFolder } from "../../scripts/spark/versions.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import { TestCluster } from "./test_cluster.ts";

/**
 * Runs an action with a session in a database of its own that is empty: on the cluster of
 * BIRDSONG_ENGINE, or the local one if it runs, or else one that is stopped afterwards.
 */
export async function withSpark(
  name: string,
  action: (session: SparkSession) => Promise<void>,
): Promise<void> {
  const run = async ({ address }: { address: string }) => {
    const session = await SparkSession.open(address, { database: `birdsong_test_${name}` });
    try {
      for (const { tableName } of await session.sql("SHOW TABLES")) {
        await session.sql(`DROP TABLE ${tableName}`);
      }
      await action(session);
    } finally {
      await session.close();
    }
  };
  const address = process.env.BIRDSONG_ENGINE;
  const running = address ? { address } : findCluster(sparkFolder);
  await (running ? run(running) : TestCluster.run(run));
}
