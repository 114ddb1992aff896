import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

// PostgreSQL refuses to run as root.
const nobody = 65_534;
const isRoot = process.platform !== "win32" && process.getuid!() === 0;

/** The folder of PostgreSQL's programs; undefined where there is none. */
export function findPostgres(): string | undefined {
  if (process.platform === "win32") return undefined;
  // Debian keeps the versions side by side, outside the PATH.
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => +b - +a) : [];
  return [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ].find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "pg_ctl")));
}

/** A PostgreSQL server of its own, on a Unix socket, with an empty database. */
export class Postgres {
  readonly #folder = mkdtempSync("/tmp/birdsong-pg-"); // a socket's path must be short
  readonly #data = join(this.#folder, "data");

  /** @param programs Folder of its programs. */
  constructor(private readonly programs: string) {
    if (isRoot) chownSync(this.#folder, nobody, nobody);
    this.#run("initdb", "-D", this.#data, "-A", "trust", "-U", "birdsong", "--no-sync");
    this.start();
    this.#run("createdb", "-h", this.#folder, "-U", "birdsong", "lake");
  }

  /** The database, as the setting `catalog` names it. */
  get catalog(): string {
    return `postgres:dbname=lake user=birdsong host=${this.#folder}`;
  }

  start(): void {
    const options = `-k ${this.#folder} -c listen_addresses= -c max_connections=300`;
    const log = join(this.#folder, "log");
    this.#run("pg_ctl", "-D", this.#data, "-o", options, "-l", log, "-w", "start");
  }

  /** Ends the server as if it had crashed: it recovers at the next start. */
  crash(): void {
    this.#run("pg_ctl", "-D", this.#data, "-m", "immediate", "-w", "stop");
  }

  remove(): void {
    this.crash();
    rmSync(this.#folder, { recursive: true });
  }

  /** Keeps others from changing a table, as one does who stopped in the middle of a commit. */
  async lock(table: string): Promise<{ release(): Promise<void> }> {
    const args = ["--no-psqlrc", "--quiet", "-h", this.#folder, "-U", "birdsong", "lake"];
    const psql = spawn(join(this.programs, "psql"), args, { stdio: ["pipe", "pipe", "ignore"] });
    const ended = new Promise<void>((resolve) => psql.once("close", () => resolve()));
    const locked = new Promise((resolve) => psql.stdout.once("data", resolve));
    // Whoever waits longer waits for ever.
    psql.stdin.write("SET idle_in_transaction_session_timeout = '30s';\n");
    psql.stdin.write(`BEGIN; LOCK TABLE ${table} IN SHARE MODE; SELECT 'locked';\n`);
    await Promise.race([
      locked,
      ended.then(() => Promise.reject(new Error("psql has ended"))),
    ]);
    return {
      release() {
        psql.stdin.end();
        return ended;
      },
    };
  }

  #run(program: string, ...args: string[]): void {
    execFileSync(join(this.programs, program), args, {
      stdio: "ignore",
      cwd: this.#folder,
      ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    });
  }
}
