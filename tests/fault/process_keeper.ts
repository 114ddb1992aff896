import { setTimeout as sleep } from "node:timers/promises";
import { ChildProcess } from "./child_process.ts";
import type { LastWords } from "./death.ts";
import type { OutsidePoint } from "./points.ts";

/** What one process does, and how it dies. */
export interface ProcessPlan {
  /** Its argument. */
  order: object;
  /** How it is killed from outside. */
  kill?: {
    point: OutsidePoint;
    /** Milliseconds at work before it is killed or stopped; while starting: a part of that time. */
    after: number;
    /** Milliseconds for which it is stopped before. */
    frozen?: number;
  };
}

/** The end of a process by SIGKILL, its own or from outside. */
export type Kill = LastWords | { point: OutsidePoint };

/** Is told what the processes of a keeper do. */
export interface KeeperEvents<Report> {
  onReady?(): void;
  onReport?(report: Report): void;
  onKill?(kill: Kill): void;
}

/** Keeps a program running: whenever its process ends, the next one is started. */
export class ProcessKeeper<Report> {
  /** Processes started. */
  starts = 0;
  /** What processes said on standard error that ended by themselves, or by another signal. */
  readonly errors: string[] = [];
  #child: ChildProcess<Report> | undefined;
  #ended: Promise<void> | undefined;
  #stopping = false;
  /** How long the last start took, in milliseconds. */
  #startup = 500;

  /**
   * @param program A program for {@linkcode ChildProcess}.
   * @param plan Made anew for each process.
   */
  constructor(
    private readonly program: string,
    private readonly plan: () => ProcessPlan,
    private readonly events: KeeperEvents<Report> = {},
  ) {}

  /** Starts the first process, where none has been started. */
  start(): void {
    this.#ended ??= this.#keep();
  }

  /** Kills the process for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child?.signal("SIGKILL");
    await this.#ended;
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) await this.#runOne(this.plan());
  }

  async #runOne({ order, kill }: ProcessPlan): Promise<void> {
    const { onReady, onReport, onKill } = this.events;
    const started = performance.now();
    let words: Kill | undefined;
    const killFromOutside = async () => {
      const { point, after, frozen } = kill!;
      await sleep(point === "starting" ? after * this.#startup : after);
      if (frozen !== undefined) {
        child.signal("SIGSTOP");
        await sleep(frozen);
        child.signal("SIGCONT");
        await sleep(after);
      }
      if (child.signal("SIGKILL")) words ??= { point };
    };
    const child = new ChildProcess<Report>(this.program, order, (line) => {
      if ("report" in line) onReport?.(line.report);
      else if ("death" in line) words = line.death;
      else {
        this.#startup = performance.now() - started;
        onReady?.();
        if (kill && kill.point !== "starting") void killFromOutside();
      }
    });
    this.#child = child;
    this.starts++;
    if (kill?.point === "starting") void killFromOutside();
    const { signal, errors } = await child.ended;
    if (this.#stopping) return;
    if (signal === "SIGKILL" && words) onKill?.(words);
    else this.errors.push(`${errors}${signal ? ` (${signal})` : ""}`);
  }
}
