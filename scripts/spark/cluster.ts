import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { BirdsongError } from "../../lib/errors.ts";
import { isAlive } from "../../lib/is_alive.ts";
import { killTree } from "../../lib/kill_tree.ts";
import { sparkArguments } from "./configuration.ts";
import { deltaFolder, sparkHome } from "./versions.ts";

/** A running cluster on this machine, as `cluster.json` keeps it. */
export interface Cluster {
  /** For BIRDSONG_ENGINE: `sc://127.0.0.1:15002`. */
  address: string;
  /** The server's own page, with jobs, stages and streaming queries. */
  ui: string;
  /** The master's page. */
  masterUi: string;
  /** Processes by name: master, worker1, worker2, connect. */
  pids: Record<string, number>;
}

/** How to start a cluster. */
export interface ClusterOptions {
  /** Where its log files, tables and scratch files are. */
  folder: string;
  java: string;
  workers: number;
  /** Port of the Connect server; 0 for any. */
  port: number;
}

// A cold Connect server takes 20 s on two free cores.
const startMs = 240_000;
const stopMs = 20_000;

/** The cluster of a folder, if its Connect server runs. */
export function findCluster(folder: string): Cluster | undefined {
  const file = join(folder, "cluster.json");
  if (!existsSync(file)) return undefined;
  const cluster: Cluster = JSON.parse(readFileSync(file, "utf8"));
  return isSpark(cluster.pids.connect) ? cluster : undefined;
}

/** Whether a process runs, and is one of Spark's: after a restart of the machine, the id may be another's. */
function isSpark(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const { stdout } = spawnSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], {
    encoding: "utf8",
    windowsHide: true,
  });
  // Where there is no ps, such as on Windows, it is taken for Spark's.
  return !stdout || stdout.includes("org.apache.spark.deploy");
}

/**
 * Starts a standalone master, workers with one core each, and a Connect server, on this machine's
 * loopback address only.
 *
 * @throws {BirdsongError} with the end of the log of what did not start.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, workers } = options;
  for (const name of ["logs", "work"]) mkdirSync(join(folder, name), { recursive: true });
  const [masterPort, masterUi, ui, connectPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(options.port),
  ];
  const master = `spark://127.0.0.1:${masterPort}`;
  const cluster: Cluster = {
    address: `sc://127.0.0.1:${connectPort}`,
    ui: `http://127.0.0.1:${ui}`,
    masterUi: `http://127.0.0.1:${masterUi}`,
    pids: {},
  };
  const start = (name: string, args: string[]) => {
    cluster.pids[name] = startJava(options, name, args);
    writeFileSync(join(folder, "cluster.json"), JSON.stringify(cluster, null, 2));
  };
  try {
    start("master", [
      ..."-Xmx256m org.apache.spark.deploy.master.Master --host 127.0.0.1".split(" "),
      ...["--port", `${masterPort}`, "--webui-port", `${masterUi}`],
    ]);
    await untilOpen(masterPort, cluster, folder);
    for (let number = 1; number <= workers; number++) start(`worker${number}`, worker(number));
    start("connect", [
      ...["-Xmx1g", "org.apache.spark.deploy.SparkSubmit", "--master", master],
      ...sparkArguments({ folder, ui, connectPort, workers }),
    ]);
    await untilOpen(connectPort, cluster, folder);
    return cluster;
  } catch (error) {
    await stopCluster(folder);
    throw error;
  }

  function worker(number: number): string[] {
    return [
      ..."-Xmx256m org.apache.spark.deploy.worker.Worker --host 127.0.0.1".split(" "),
      ..."--cores 1 --memory 1g --webui-port 0 --work-dir".split(" "),
      ...[join(folder, "work", `${number}`), master],
    ];
  }
}

/** Starts one of Spark's programs, with a log file of its name; returns its process. */
function startJava({ folder, java }: ClusterOptions, name: string, args: string[]): number {
  const log = openSync(join(folder, "logs", `${name}.log`), "a");
  const child = spawn(java, ["-cp", classPath(), ...modules, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      SPARK_HOME: sparkHome,
      SPARK_SCALA_VERSION: "2.13",
      SPARK_LOCAL_IP: "127.0.0.1",
      SPARK_LOCAL_DIRS: join(folder, "work"),
    },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new BirdsongError(`${java} could not be started`);
  return child.pid;
}

/** Ends a cluster's processes; its tables stay. Returns whether there were any. */
export async function stopCluster(folder: string): Promise<boolean> {
  const file = join(folder, "cluster.json");
  if (!existsSync(file)) return false;
  const { pids }: Cluster = JSON.parse(readFileSync(file, "utf8"));
  const running = Object.values(pids).filter(isSpark);
  // The server first: it ends its executors.
  for (const pid of running.toReversed()) killTree(pid, "SIGTERM");
  const end = Date.now() + stopMs;
  while (running.some(isAlive) && Date.now() < end) await sleep(200);
  for (const pid of running.filter(isAlive)) killTree(pid, "SIGKILL");
  rmSync(file);
  rmSync(join(folder, "work"), { recursive: true, force: true });
  return running.length > 0;
}

function classPath(): string {
  const separator = process.platform === "win32" ? ";" : ":";
  const delta = readdirSync(deltaFolder).map((jar) => join(deltaFolder, jar));
  return [join(sparkHome, "jars", "*"), ...delta].join(separator);
}

// What Spark's own scripts pass to Java 17 (`JavaModuleOptions`).
const modules = [
  "lang",
  "lang.invoke",
  "lang.reflect",
  "io",
  "net",
  "nio",
  "util",
  "util.concurrent",
  "util.concurrent.atomic",
].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`).concat(
  ["sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar"]
    .map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  "-Djdk.reflect.useDirectMethodHandle=false",
  "-Dio.netty.tryReflectionSetAccessible=true",
);

async function untilOpen(port: number, { pids }: Cluster, folder: string): Promise<void> {
  for (const end = Date.now() + startMs; Date.now() < end; await sleep(300)) {
    if (await isOpen(port)) return;
    for (const [name, pid] of Object.entries(pids)) {
      if (!isAlive(pid)) {
        throw new BirdsongError(`Spark's ${name} has ended:\n${tail(folder, name)}`);
      }
    }
  }
  throw new BirdsongError(
    `Spark did not start in ${startMs / 1000} s; see ${join(folder, "logs")}`,
  );
}

function tail(folder: string, name: string): string {
  const log = readFileSync(join(folder, "logs", `${name}.log`), "utf8");
  const lines = log.trim().split("\n").filter((line) => !/^\s+at |^\d\d\/.* INFO /.test(line));
  return lines.slice(-10).join("\n");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", () =>
      reject(
        new BirdsongError(
          `port ${wanted} of 127.0.0.1 is taken: choose another one with --port`,
        ),
      ));
    probe.listen({ port: wanted, host: "127.0.0.1", exclusive: true }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
