import { readdirSync } from "node:fs";
import { join } from "node:path";
import { deltaFolder } from "./versions.ts";

/** What the configuration of a local cluster depends on. */
export interface ConfigurationOptions {
  folder: string;
  ui: number;
  connectPort: number;
  workers: number;
}

/** What `spark-submit` gets to run a Connect server on a small cluster, with Delta Lake. */
export function sparkArguments(options: ConfigurationOptions): string[] {
  const jars = readdirSync(deltaFolder).map((jar) => join(deltaFolder, jar));
  const configuration = Object.entries(configurationOf(options))
    .flatMap(([name, value]) => ["--conf", `${name}=${value}`]);
  return [
    ..."--class org.apache.spark.sql.connect.service.SparkConnectServer --name birdsong".split(" "),
    ...["--executor-memory", "768m", "--jars", jars.join(","), ...configuration, "spark-internal"],
  ];
}

function configurationOf({ folder, ui, connectPort, workers }: ConfigurationOptions) {
  const metastore = join(folder, "metastore");
  return {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.port": ui,
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": connectPort,
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    // Tables are found again after a restart.
    "spark.sql.catalogImplementation": "hive",
    "spark.hadoop.javax.jdo.option.ConnectionURL":
      `jdbc:derby:;databaseName=${metastore};create=true`,
    "spark.sql.warehouse.dir": join(folder, "warehouse"),
    // Two cores: the defaults are made for two hundred, and cost a small batch several seconds.
    "spark.sql.shuffle.partitions": workers,
    "spark.databricks.delta.snapshotPartitions": workers,
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": workers,
    "spark.sql.files.openCostInBytes": 65_536,
  };
}
