import assert from "node:assert/strict";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Session } from "../../lib/streaming/session.ts";
import { ChildProcess, type End } from "./child_process.ts";
import { Input } from "./input.ts";
import { batchPoints, startPoints } from "./points.ts";
import { Random } from "./random.ts";
import { type BatchReport, startStage, type StreamOrder } from "./stream.ts";
import { compareStage } from "./verify.ts";

/** A process that runs the stream files -> a. */
class Runner {
  readonly ended: Promise<End>;
  readonly #child: ChildProcess<BatchReport>;
  readonly #frozen = Promise.withResolvers<void>();
  #batch = Promise.withResolvers<void>();

  constructor(
    folder: string,
    order: Partial<StreamOrder> = {},
    private readonly onBatch: (batch: BatchReport) => void = () => {},
  ) {
    const whole: StreamOrder = {
      lake: join(folder, "lake"),
      source: join(folder, "source"),
      stage: "a",
      maxRowsPerTrigger: 100,
      ...order,
    };
    this.#child = new ChildProcess<BatchReport>("stream.ts", whole, (line) => {
      if ("death" in line) this.#frozen.resolve();
      if ("report" in line) {
        this.onBatch(line.report);
        this.#batch.resolve();
        this.#batch = Promise.withResolvers();
      }
    });
    this.ended = this.#child.ended;
  }

  frozen(): Promise<void> {
    return this.#orFail(this.#frozen.promise, "being frozen");
  }

  /** Reports one batch more. */
  batch(): Promise<void> {
    return this.#orFail(this.#batch.promise, "the next batch");
  }

  wake(): void {
    this.#child.signal("SIGCONT");
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }

  /** What is waited for, or an error where the process ends before. */
  async #orFail(event: Promise<void>, what: string): Promise<void> {
    const end = await Promise.race([event, this.ended]);
    if (end) throw new Error(`a process has ended before ${what}: ${end.errors} (${end.signal})`);
  }
}

/** Runs a test with a folder of input and a way to start processes, which end with it. */
async function withRunners(
  test: (run: (order?: Partial<StreamOrder>) => Runner, lake: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const runners: Runner[] = [];
  try {
    const input = new Input(join(folder, "source"), new Random(folder));
    // A file waits at any time: each batch brings the next one.
    for (let file = 0; file < 3; file++) input.writeFile();
    const run = (order?: Partial<StreamOrder>) => {
      const runner = new Runner(folder, order, () => input.writeFile());
      runners.push(runner);
      return runner;
    };
    await test(run, join(folder, "lake"));
    await Promise.all(runners.map((runner) => runner.kill()));
    const session = await Session.open(join(folder, "lake"));
    // What the last process had no time for.
    const order = { stage: "a", source: input.folder, maxRowsPerTrigger: 100 } as const;
    await (await startStage(session, order, { availableNow: true })).awaitTermination();
    const { lost, doubled, faults } = await compareStage(session, "a", input.folder, input.rows);
    await session.close();
    assert.deepEqual({ lost, doubled, faults }, { lost: [], doubled: [], faults: [] });
  } finally {
    await Promise.all(runners.map((runner) => runner.kill()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a process says that is not to run a stream. */
const refusal = /a_stream (is running already|runs in another process too)/;

// While COMMIT goes on, the catalog is locked, and nobody else comes through.
const points = [...startPoints, ...batchPoints].filter((point) => point !== "during commit");
for (const point of points) {
  Deno.test(`a process that was frozen (${point}) and taken for dead is refused when it wakes, and has written nothing`, async () => {
    await withRunners(async (run, lake) => {
      const sleeper = run({ death: { point, passes: 0, part: 0, signal: "SIGSTOP" } });
      await sleeper.frozen();
      for (const mark of readdirSync(join(lake, "running"))) {
        utimesSync(join(lake, "running", mark), 0, 0);
      }
      const other = run();
      await other.batch();
      sleeper.wake();
      const { errors } = await sleeper.ended;
      assert.match(errors, refusal);
      await other.batch();
    });
  });
}
