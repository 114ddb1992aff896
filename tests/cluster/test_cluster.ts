import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutorTask } from "../../lib/spark/executor_command.ts";
import { type Cluster, startCluster, stopCluster } from "../../scripts/spark/cluster.ts";
import { install } from "../../scripts/spark/install.ts";
import { findJava } from "../../scripts/spark/java.ts";

/** A cluster with two workers of a core each, in a temporary folder, whose parts a test may kill. */
export class TestCluster {
  private constructor(
    private readonly folder: string,
    private readonly java: string,
    private cluster: Cluster,
  ) {}

  /** Starts one, and stops it and removes its folder after the action. */
  static async run(action: (cluster: TestCluster) => Promise<void>): Promise<void> {
    const java = await findJava();
    await install(java, console.error);
    const folder = mkdtempSync(join(tmpdir(), "birdsong-cluster-"));
    try {
      const started = await startCluster({ folder, java, workers: 2, port: 0 });
      await action(new TestCluster(folder, java, started));
    } finally {
      await stopCluster(folder);
      rmSync(folder, { recursive: true });
    }
  }

  /** For `SparkSession.open`. */
  get address(): string {
    return this.cluster.address;
  }

  /** Kills the Connect server, which is the driver of all streams. */
  killServer(): void {
    process.kill(this.cluster.pids.connect, "SIGKILL");
  }

  /** Starts all of it again, at the same address. */
  async restart(): Promise<void> {
    const { folder, java } = this;
    await stopCluster(folder);
    const port = Number(this.address.split(":").at(-1));
    this.cluster = await startCluster({ folder, java, workers: 2, port });
  }

  /** Waits until an executor scores, and returns it with its worker. */
  async executorAtWork(): Promise<{ executor: number; worker: number }> {
    const { pids } = this.cluster;
    const workers = Object.keys(pids).filter((name) => name.startsWith("worker"))
      .map((name) => pids[name]);
    for (const end = Date.now() + 300_000; Date.now() < end; await sleep(50)) {
      const all = processes();
      const scorers = all.filter(isScorer).map(({ parent }) => parent);
      const found = all.find(({ pid, parent }) =>
        scorers.includes(pid) && workers.includes(parent)
      );
      if (found) return { executor: found.pid, worker: found.parent };
    }
    throw new Error("no executor has begun to score in five minutes");
  }
}

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function processes(): Process[] {
  const { stdout } = spawnSync("ps", ["-ww", "-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  return stdout.trim().split("\n").map((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!;
    return { pid: Number(pid), parent: Number(parent), command };
  });
}

/** Whether this is the project's own process on an executor, and scores. */
function isScorer({ command }: Process): boolean {
  const argument = / lib\/spark\/executor\.ts (\S+)$/.exec(command)?.[1];
  if (argument === undefined) return false;
  const task: ExecutorTask = JSON.parse(Buffer.from(argument, "base64").toString());
  return task.task === "score";
}
