import { setTimeout as sleep } from "node:timers/promises";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { optimize } from "../../lib/lakehouse/optimize.ts";
import { vacuum } from "../../lib/lakehouse/vacuum.ts";
import { runAsChild } from "./child.ts";

/** What a process of this file is told, as JSON in its only argument. */
export interface MaintenanceOrder {
  lake: string;
  /** Milliseconds for which versions stay readable. */
  retainMs: number;
  /** Milliseconds between two rounds. */
  pauseMs: number;
}

/** Optimizes and vacuums a lake until it is killed; prints one JSON text a round. */
async function obey({ lake: folder, retainMs, pauseMs }: MaintenanceOrder): Promise<void> {
  const lake = await Lakehouse.open(folder);
  const options = { retentionHours: retainMs / 3_600_000, retentionDurationCheck: false };
  for (;;) {
    const tables = await optimize(lake);
    console.log(JSON.stringify({ tables, removed: await vacuum(lake, options) }));
    await sleep(pauseMs);
  }
}

if (import.meta.main) await runAsChild(obey);
