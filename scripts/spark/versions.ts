import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";

/** Where Spark, Delta and the local cluster's data are. */
export const sparkFolder = projectPath("output/spark");

/** The version that requirements.txt pins. */
export const sparkVersion = "4.1.4";

/** What Spark calls SPARK_HOME. */
export const sparkHome = join(sparkFolder, `spark-${sparkVersion}`);

/** Delta Lake as Ivy names it, for Spark 4.1. 4.1.0 failed after ten commits of a stream. */
export const deltaPackage = "io.delta:delta-spark_4.1_2.13:4.3.0";

/** Delta's jars with their SHA-256, in {@linkcode deltaFolder}. */
export const deltaJars: Readonly<Record<string, string>> = {
  "delta-spark_4.1_2.13-4.3.0.jar":
    "35ae4164ee41bbfc8bdb52dcd3715ff4e1821a18c085e7a71a462e8e80e23ee5",
  "delta-storage-4.3.0.jar": "d765a7144289c292e256963f810c1a4b096a8c09bdb3b0370096393b6a02b3c5",
  "delta-kernel-api-4.3.0.jar": "289c01d913528509f452ff901851c91b668f84dafa01fb0971bc252b64370842",
  "delta-kernel-defaults-4.3.0.jar":
    "0d60c6ca6560971112acc0f3e8256d8feb4a52714ba7fa4d2a7eb51f1fab0323",
  "delta-kernel-unitycatalog-4.3.0.jar":
    "aa6ba769ad18e718fd05a3d2beb64744a72d906a57826439dbda136f57f1f082",
};

/** Where Delta's jars are. */
export const deltaFolder = join(sparkFolder, "delta-4.3.0");

/** One of Spark's own jars. */
export function sparkJar(name: string): string {
  return join(sparkHome, "jars", `${name}_2.13-${sparkVersion}.jar`);
}
