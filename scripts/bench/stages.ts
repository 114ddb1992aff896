import { application } from "./application.ts";
import { batches } from "./batches.ts";
import type { Stage } from "./context.ts";
import { gold } from "./gold.ts";
import { ingest } from "./ingest.ts";
import { scale } from "./scale.ts";
import { silver } from "./silver.ts";
import { start } from "./start.ts";
import { trigger } from "./trigger.ts";

/** All that is measured, in this order. */
export const stages: Record<string, Stage> = {
  start,
  ingest,
  silver,
  gold,
  application,
  trigger,
  batches,
  scale,
};
