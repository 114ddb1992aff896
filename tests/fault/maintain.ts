import { setTimeout as sleep } from "node:timers/promises";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { patience, runAsChild, say } from "./child.ts";
import { Death, type DeathOrder, watchStatements } from "./death.ts";
import { type InsidePoint, type MaintenanceStep, maintenanceSteps } from "./points.ts";

/** What a process of this file is told, as JSON in its only argument. */
export interface MaintenanceOrder {
  lake: string;
  /** Milliseconds for which versions stay readable. */
  retainMs: number;
  /** Milliseconds between two rounds. */
  pauseMs: number;
  death?: DeathOrder;
}

/** What a round has done. */
export interface MaintenanceReport {
  /** Parquet files of all tables, before and after. */
  before: number;
  after: number;
}

/** Optimizes and vacuums a lake until it is killed. */
async function obey({ lake: folder, retainMs, pauseMs, death }: MaintenanceOrder): Promise<void> {
  dieInMaintenance(death);
  const lake = await Lakehouse.open(folder, { patience });
  say({ ready: true });
  for (;;) {
    await vacuum(lake, { retentionHours: retainMs / 3_600_000, retentionDurationCheck: false });
    const tables = await optimize(lake);
    const files = (when: "before" | "after") =>
      tables.reduce((sum, table) => sum + table[when].files, 0);
    say<MaintenanceReport>({ report: { before: files("before"), after: files("after") } });
    await sleep(pauseMs);
  }
}

function dieInMaintenance(order: DeathOrder | undefined): void {
  const death = new Death(order);
  const steps = Object.entries(maintenanceSteps) as [MaintenanceStep, string][];
  let step: MaintenanceStep | undefined;
  watchStatements(async (sql, execute) => {
    const called = steps.find(([, call]) => sql.includes(call))?.[0];
    if (called) {
      step = called;
      death.at(`before ${step}`);
      const result = await death.during(`during ${step}`, execute);
      death.at(`after ${step}`);
      return result;
    }
    const result = await execute();
    if (sql === "COMMIT" && step) death.at(`committed ${step}` as InsidePoint);
    return result;
  });
}

if (import.meta.main) await runAsChild(obey);
