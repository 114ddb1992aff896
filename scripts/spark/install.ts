import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { hashFile } from "../../lib/hash_file.ts";
import { projectPath } from "../../lib/paths.ts";
import { projectPython } from "../notebooks/python.ts";
import { installError } from "../setup/install_error.ts";
import { run } from "../setup/run.ts";
import {
  deltaFolder,
  deltaJars,
  deltaPackage,
  sparkFolder,
  sparkHome,
  sparkVersion,
} from "./versions.ts";

/** Downloads Spark and Delta into output/spark where they are not there yet. */
export async function install(java: string, log: (line: string) => void): Promise<void> {
  if (!existsSync(sparkHome)) {
    log(`Downloading Spark ${sparkVersion} (450 MB) ...`);
    await installSpark();
  }
  if (!existsSync(deltaFolder)) {
    log("Downloading Delta Lake (120 MB) ...");
    await installDelta(java);
  }
}

/** Spark's jars and scripts come with its Python package; pip checks the archive's hash. */
async function installSpark(): Promise<void> {
  const folder = join(sparkFolder, "download");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const downloaded = await run(projectPython(), [
    ..."-m pip download --no-input --disable-pip-version-check --no-deps --no-binary :all:".split(
      " ",
    ),
    ...["--require-hashes", "-r", projectPath("scripts/spark/requirements.txt"), "-d", folder],
  ]);
  if (downloaded.code !== 0) throw installError("pip", downloaded);
  const name = `pyspark-${sparkVersion}`;
  const unpacked = await run("tar", ["-xzf", join(folder, `${name}.tar.gz`), "-C", folder]);
  if (unpacked.code !== 0) throw new BirdsongError(`tar failed: ${unpacked.output}`);
  renameSync(join(folder, name, "deps"), sparkHome);
  rmSync(folder, { recursive: true });
}

/** Spark's own package client finds Delta; what it brings is checked before anything loads it. */
async function installDelta(java: string): Promise<void> {
  const ivy = join(sparkFolder, "ivy");
  const submit = "org.apache.spark.deploy.SparkSubmit";
  const resolved = await run(java, [
    ...["-cp", join(sparkHome, "jars", "*"), submit],
    ...["--packages", deltaPackage, "--conf", `spark.jars.ivy=${ivy}`],
    // Something to run once the packages are there.
    ...["--class", submit, "spark-internal", "--version"],
  ]);
  if (resolved.code !== 0) throw installError("Spark's package client", resolved);
  const folder = `${deltaFolder}.partial`;
  mkdirSync(folder, { recursive: true });
  for (const [jar, expected] of Object.entries(deltaJars)) {
    const file = join(ivy, "jars", `io.delta_${jar}`);
    const found = await hashFile(file);
    if (found !== expected) {
      throw new BirdsongError(
        `${file} is not the jar that this project was tested with: its SHA-256 is ${found}, but ` +
          `should be ${expected}`,
      );
    }
    cpSync(file, join(folder, jar));
  }
  renameSync(folder, deltaFolder);
  rmSync(ivy, { recursive: true });
}
