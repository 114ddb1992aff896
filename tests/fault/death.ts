import { writeSync } from "node:fs";
import process from "node:process";
import { Connection, type Parameters } from "../../lib/lakehouse/connection.ts";
import type { InsidePoint } from "./points.ts";

/** Where a process is to send itself a signal. */
export interface DeathOrder {
  point: InsidePoint;
  /** How often it passes the point before. */
  passes: number;
  /** For a point that takes time: after which part of that time, 0 to 1. */
  part: number;
  /** SIGSTOP freezes it there, until another process wakes it. @default "SIGKILL" */
  signal?: "SIGKILL" | "SIGSTOP";
}

/** What a process says before it sends itself the signal. */
export interface LastWords {
  point: InsidePoint;
  /** The batch on which it worked, and its rows. */
  batchId?: number;
  rows?: number;
}

/** Kills or freezes this process at a point. The library knows nothing of it. */
export class Death {
  #order: DeathOrder | undefined;
  #passes = 0;
  /** How long the point took the last time, in milliseconds. */
  #usual = 2;

  /** @param details What else is said, asked for at the end. */
  constructor(
    order: DeathOrder | undefined,
    private readonly details: () => Omit<LastWords, "point"> = () => ({}),
  ) {
    this.#order = order;
  }

  /** The process is at a point. */
  at(point: InsidePoint): void {
    const order = this.#order;
    if (point === order?.point && ++this.#passes > order.passes) this.#die(order);
  }

  /**
   * The process is at a point as long as `action` goes on. Where that ends before the moment has
   * come, the process dies at its next pass.
   */
  async during<T>(point: InsidePoint, action: () => Promise<T>): Promise<T> {
    const order = this.#order;
    if (point !== order?.point) return await action();
    const started = performance.now();
    const timer = ++this.#passes > order.passes
      ? setTimeout(() => this.#die(order), order.part * this.#usual)
      : undefined;
    try {
      return await action();
    } finally {
      clearTimeout(timer);
      this.#usual = performance.now() - started;
    }
  }

  #die({ point, signal = "SIGKILL" }: DeathOrder): void {
    this.#order = undefined;
    // At once, whatever else waits to be written.
    writeSync(1, `${JSON.stringify({ death: { point, ...this.details() } })}\n`);
    process.kill(process.pid, signal);
  }
}

/** Lets `around` see every statement that this process runs on a lake. */
export function watchStatements(
  around: <T>(sql: string, execute: () => Promise<T>) => Promise<T>,
): void {
  const { run, rows } = Connection.prototype;
  Connection.prototype.run = function (sql: string, parameters?: Parameters) {
    return around(sql, () => run.call(this, sql, parameters));
  };
  Connection.prototype.rows = function (sql: string, parameters?: Parameters) {
    return around(sql, () => rows.call(this, sql, parameters));
  };
}
