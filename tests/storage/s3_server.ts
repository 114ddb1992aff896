import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectPath } from "../../lib/paths.ts";
import { environmentProgram } from "../../lib/python_environment.ts";
import { findPython } from "../../scripts/setup/versions.ts";

const requirements = projectPath("tests/storage/requirements.txt");
const environment = projectPath("output/moto");

/**
 * Installs the S3-compatible server moto in an environment of its own.
 *
 * @returns Its Python; undefined where it cannot be installed.
 */
export async function installServer(): Promise<string | undefined> {
  const python = environmentProgram(environment, "python");
  const stamp = join(environment, ".birdsong-stamp");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  try {
    execFileSync(await findPython(), ["-m", "venv", "--clear", environment], { stdio: "ignore" });
    const options = ["--quiet", "--no-input", "--disable-pip-version-check"];
    execFileSync(python, ["-m", "pip", "install", ...options, "-r", requirements]);
  } catch (error) {
    console.warn(`moto cannot be installed: ${error}`);
    return undefined;
  }
  writeFileSync(stamp, wanted);
  return python;
}

/** An S3-compatible server on this machine, which keeps everything in its memory. */
export class S3Server {
  private constructor(
    private readonly child: ChildProcess,
    /** Its address. */
    readonly address: string,
  ) {}

  /** Starts it, with one empty bucket called `lakes`. */
  static async start(python: string): Promise<S3Server> {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
    const child = spawn(python, args, { stdio: "ignore" });
    const server = new S3Server(child, address);
    for (let attempt = 0; attempt < 600; attempt++) {
      const made = await fetch(`${address}/lakes`, { method: "PUT" }).catch(() => undefined);
      await made?.body?.cancel();
      if (made?.ok) return server;
      await sleep(100);
    }
    await server.stop();
    throw new Error("moto does not answer");
  }

  /** What a process needs to use it. */
  get environment(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "pssst",
      AWS_ENDPOINT_URL_S3: this.address,
    };
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("close", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      server.close(() => resolve(address.port));
    });
  });
}
