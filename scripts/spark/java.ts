import { join } from "node:path";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { run } from "../setup/run.ts";

const versions = ["17", "21"];

/**
 * The `java` to run Spark with: that of JAVA_HOME, or else the one on the path.
 *
 * @throws {BirdsongError} where it is none that Spark 4.1 runs on.
 */
export async function findJava(home = process.env.JAVA_HOME): Promise<string> {
  const java = home ? join(home, "bin", "java") : "java";
  const { code, output } = await run(java, ["-version"]);
  const version = code === 0 ? /version "(\d+)/.exec(output)?.[1] : undefined;
  if (version && versions.includes(version)) return java;
  const found = version ? `${java} is Java ${version}` : `"${java} -version" finds none`;
  throw new BirdsongError(
    `Spark 4.1 needs Java 17 or 21, but ${found}. Install one (on Debian and Ubuntu: "sudo apt ` +
      `install openjdk-17-jre-headless"), or set JAVA_HOME to its folder. Without Spark, all else ` +
      "in this project works.",
  );
}
