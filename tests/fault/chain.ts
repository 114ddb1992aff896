import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { drawLimit, Input } from "./input.ts";
import type { MaintenanceOrder, MaintenanceReport } from "./maintain.ts";
import {
  batchPoints,
  compactionPoint,
  type InsidePoint,
  optimizePoints,
  type OutsidePoint,
  outsidePoints,
  type Point,
  startPoints,
  vacuumPoints,
} from "./points.ts";
import { type Kill, ProcessKeeper, type ProcessPlan } from "./process_keeper.ts";
import { Random } from "./random.ts";
import { type BatchReport, type Stage, stages, type StreamOrder } from "./stream.ts";
import { compareChain, type Comparison } from "./verify.ts";

/** How to run the chain files -> a -> b -> c, and late, which reads a. */
export interface ChainOptions {
  /** An empty folder. */
  folder: string;
  /** Decides the input, and when processes die. */
  seed: string;
  /** Where processes die, each at those of these points that it passes... */
  points: readonly Point[];
  /** ...so many times. */
  deaths: number;
  /** Batches that the first stream makes at least. @default 0 */
  batches?: number;
  /** After so many seconds, rows that have not arrived are lost. */
  limitSeconds: number;
  /** Told of every process that was killed. */
  onKill?(kill: ChainKill): void;
  /** Told of every batch. */
  onBatch?(stage: Stage, batch: BatchReport): void;
}

/** A process that was killed: a stage, or "maintenance". */
export type ChainKill = Kill & { process: string };

/** What happened, and what the tables hold in the end. */
export interface ChainReport extends Comparison {
  kills: ChainKill[];
  /** Rows of each file. */
  fileRows: number[];
  /** How many tables hold every row. */
  tables: number;
  /** Points that no process reached. */
  missed: Point[];
  /** Processes started after another one of theirs. */
  restarts: number;
  maintenance: MaintenanceReport[];
  /** What processes said that ended by themselves, which none should. */
  errors: string[];
  seconds: number;
}

// Versions are kept for less time than a frozen process sleeps.
const retainMs = 4000;
const frozenMs = 5000;
/** Files that wait for the first stream. */
const filesAhead = 5;
/** Old versions of a are gone when late begins. */
const batchesBeforeLate = 15;
/** Processes that may end by themselves before the rest is given up. */
const tolerated = 10;
/** Streams that have been silent for so long have nothing left to do. */
const quietMs = 60_000;
/** For processes that nobody kills. */
const undisturbedRows = 3000;

/**
 * Runs each stage in a process of its own, lets them die and starts them again, while a further
 * process optimizes and vacuums the lake; then lets all rows arrive, and compares.
 */
export async function runChain(options: ChainOptions): Promise<ChainReport> {
  const { folder, seed, points, deaths, batches = 0 } = options;
  const started = Date.now();
  const [source, lake] = [join(folder, "source"), join(folder, "lake")];
  const input = new Input(source, new Random(`${seed} input`));
  const kills: ChainReport["kills"] = [];
  const maintenance: MaintenanceReport[] = [];
  const ready = new Set<Stage>();
  let taken = 0;
  let lastReport = Date.now();
  const agendas = new Map<string, Agenda>();
  const isDisturbed = () => [...agendas.values()].some((agenda) => !agenda.isDone);

  const keep = <Report>(
    name: string,
    program: string,
    passed: readonly Point[],
    order: (random: Random, disturbed: boolean) => object,
    events: { onReady?(): void; onReport(report: Report): void },
  ) => {
    const random = new Random(`${seed} ${name}`);
    const agenda = new Agenda(random, points.filter((point) => passed.includes(point)), deaths);
    agendas.set(name, agenda);
    return new ProcessKeeper<Report>(program, () => {
      const plan = agenda.plan();
      return { ...plan, order: { ...order(random, !agenda.isDone), ...plan.order } };
    }, {
      ...events,
      onKill(kill) {
        agenda.done();
        kills.push({ ...kill, process: name });
        options.onKill?.({ ...kill, process: name });
        if (name === "a" && "batchId" in kill) feed(kill.batchId);
      },
    });
  };
  const feed = (batchId = -1) => {
    taken = Math.max(taken, batchId + 1);
    while (
      input.fileRows.length < taken + filesAhead &&
      (isDisturbed() || input.fileRows.length < batches)
    ) input.writeFile();
  };
  const keepers = new Map(stages.map((stage) => [
    stage,
    keep<BatchReport>(
      stage,
      "stream.ts",
      [...startPoints, ...batchPoints, compactionPoint, ...outsidePoints],
      (random, disturbed): StreamOrder => ({
        ...{ lake, source, stage },
        maxRowsPerTrigger: disturbed ? drawLimit(random) : undisturbedRows,
      }),
      {
        onReady: () => ready.add(stage),
        onReport(batch) {
          lastReport = Date.now();
          if (stage === "a") feed(batch.batchId);
          options.onBatch?.(stage, batch);
        },
      },
    ),
  ]));
  const maintainer = keep<MaintenanceReport>(
    "maintenance",
    "maintain.ts",
    [...optimizePoints, ...vacuumPoints, ...outsidePoints],
    (): MaintenanceOrder => ({ lake, retainMs, pauseMs: 200 }),
    { onReport: (report) => maintenance.push(report) },
  );

  const all = [...keepers.values(), maintainer];
  const errors = () => all.flatMap(({ errors }) => errors).filter((error) => !isPromised(error));
  const isQuiet = () => Date.now() - lastReport > quietMs;
  const hopeless = () =>
    Date.now() - started > 1000 * options.limitSeconds || errors().length > tolerated;
  const until = async (condition: () => boolean | Promise<boolean>) => {
    while (!await condition() && !hopeless()) await sleep(200);
  };
  try {
    feed();
    keepers.get("a")!.start();
    await until(() => ready.has("a"));
    keepers.get("b")!.start();
    maintainer.start();
    await until(() => ready.has("b"));
    keepers.get("c")!.start();
    await until(() => taken >= batchesBeforeLate);
    keepers.get("late")!.start();
    await until(() => !isDisturbed() && input.fileRows.length >= batches);
    if (errors().length > tolerated) throw new Error(errors().join("\n"));
    lastReport = Date.now();
    await allRowsArrive(lake, input, (condition) => until(() => isQuiet() || condition()));
  } finally {
    await Promise.all(all.map((keeper) => keeper.stop()));
  }
  const reached = new Set(kills.map(({ point }) => point));
  return {
    ...await compareChain(lake, source, input),
    kills,
    fileRows: input.fileRows,
    tables: stages.length,
    missed: points.filter((point) => !reached.has(point)),
    restarts: all.reduce((sum, { starts }) => sum + starts - 1, 0),
    maintenance,
    errors: errors(),
    seconds: Math.round((Date.now() - started) / 1000),
  };
}

async function allRowsArrive(
  folder: string,
  input: Input,
  until: (condition: () => Promise<boolean>) => Promise<void>,
): Promise<void> {
  const lake = await Lakehouse.open(folder, { readOnly: true });
  try {
    for (const stage of stages) {
      await until(async () =>
        await lake.tableExists(stage) && await lake.count(stage) >= input.rows.length
      );
    }
  } finally {
    lake.close();
  }
}

/**
 * A reader that sleeps for longer than versions are kept may wake to find its files gone: that it
 * ends with an error, and the next run goes on, is what is promised.
 */
function isPromised(error: string): boolean {
  return /^(b|c|late)_stream .*No such file/.test(error);
}

/** How the processes of one kind die, one after the other; at last, one lives. */
class Agenda {
  readonly #points: Point[];

  constructor(private readonly random: Random, points: readonly Point[], deaths: number) {
    this.#points = Array.from({ length: deaths }, () => random.shuffle(points)).flat();
  }

  get isDone(): boolean {
    return this.#points.length === 0;
  }

  /** How the next process dies. */
  plan(): ProcessPlan & { order: object } {
    const { random } = this;
    const point = this.#points[0];
    if (point === undefined) return { order: {} };
    if (isOutside(point)) {
      const after = point === "starting" ? random.below(1) : random.below(1500);
      return {
        order: {},
        kill: { point, after, frozen: point === "frozen" ? frozenMs : undefined },
      };
    }
    const passes = random.integer(0, passesOf(point));
    return { order: { death: { point, passes, part: random.below(1) } } };
  }

  /** It has died. */
  done(): void {
    this.#points.shift();
  }
}

/** How often a process should pass a point before it dies there, at most. */
function passesOf(point: Point): number {
  if ((startPoints as readonly Point[]).includes(point)) return 0;
  return (vacuumPoints as readonly Point[]).includes(point) ? 1 : 5;
}

function isOutside(point: InsidePoint | OutsidePoint): point is OutsidePoint {
  return (outsidePoints as readonly string[]).includes(point);
}
