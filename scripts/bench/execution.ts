import { randomUUID } from "node:crypto";
import {
  MicroBatchExecution,
  type QueryDefinition,
} from "../../lib/streaming/micro_batch_execution.ts";
import { RunMark } from "../../lib/streaming/processes/running.ts";
import type { Session } from "../../lib/streaming/session.ts";
import { systemClock } from "../../lib/streaming/triggers/clock.ts";

/** A query whose triggers are pulled by hand, so that each can be measured. */
export class Triggers {
  private constructor(
    private readonly execution: MicroBatchExecution,
    private readonly mark: RunMark,
  ) {}

  static async open(
    { lake }: Session,
    query: Omit<QueryDefinition, "trigger">,
  ): Promise<Triggers> {
    const mark = new RunMark(lake.folder, query.name, randomUUID(), () => {});
    const definition = { ...query, trigger: { availableNow: true } as const };
    const { signal } = new AbortController();
    const clock = systemClock;
    const execution = await MicroBatchExecution.open({ lake, definition, clock, mark, signal });
    return new Triggers(execution, mark);
  }

  /** One trigger: looks for data and takes a batch of it; says whether there was any. */
  async once(): Promise<boolean> {
    const planned = await this.execution.plan(true);
    if (planned) await this.execution.run(planned);
    return planned !== undefined;
  }

  /** Takes all that is there. */
  async all(): Promise<void> {
    while (await this.once());
  }

  close(): void {
    this.execution.close();
    this.mark.end();
  }
}
